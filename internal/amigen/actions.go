package main

func generateActions(m *Model, dir string) error { return nil }
