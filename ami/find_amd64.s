#include "textflag.h"

// SIXTEEN sets the lowest bits of LFS, CRS and COLONS for the sixteen bytes at AT(AX), which it compares with X0, X1 and X2.
#define SIXTEEN(AT, LFS, CRS, COLONS) \
	MOVOU    AT(AX), X3  \
	MOVO     X3, X4      \
	MOVO     X3, X5      \
	PCMPEQB  X0, X3      \
	PCMPEQB  X1, X4      \
	PCMPEQB  X2, X5      \
	PMOVMSKB X3, LFS     \
	PMOVMSKB X4, CRS     \
	PMOVMSKB X5, COLONS

// BYTES fills X with a byte eight times in WORD.
#define BYTES(WORD, X) \
	MOVQ       WORD, BX \
	MOVQ       BX, X    \
	PUNPCKLQDQ X, X

// JOIN puts the sixteen bits of B behind those of A.
#define JOIN(A, B, SHIFT) \
	SHLQ $SHIFT, B \
	ORQ  B, A

// func find(block *[blockSize]byte) (lfs, crs, colons uint64)
TEXT ·find(SB), NOSPLIT, $0-32
	MOVQ block+0(FP), AX
	BYTES($0x0a0a0a0a0a0a0a0a, X0)
	BYTES($0x0d0d0d0d0d0d0d0d, X1)
	BYTES($0x3a3a3a3a3a3a3a3a, X2)
	SIXTEEN(0, R8, R9, R10)
	SIXTEEN(16, R11, R12, R13)
	JOIN(R8, R11, 16)
	JOIN(R9, R12, 16)
	JOIN(R10, R13, 16)
	SIXTEEN(32, R11, R12, R13)
	JOIN(R8, R11, 32)
	JOIN(R9, R12, 32)
	JOIN(R10, R13, 32)
	SIXTEEN(48, R11, R12, R13)
	JOIN(R8, R11, 48)
	JOIN(R9, R12, 48)
	JOIN(R10, R13, 48)
	MOVQ R8, lfs+8(FP)
	MOVQ R9, crs+16(FP)
	MOVQ R10, colons+24(FP)
	RET
