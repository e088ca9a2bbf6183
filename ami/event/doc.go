package event

//go:generate go run ../../internal/amigen event .
