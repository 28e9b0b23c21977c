"""Solvers that several stages use; the mathematics, not the question."""
