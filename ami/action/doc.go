package action

//go:generate go run ../../internal/amigen action .
