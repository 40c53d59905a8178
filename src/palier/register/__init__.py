"""Registers: who asked to be called in an alert, each register with its own purpose, notice and named readers."""
