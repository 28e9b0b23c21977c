"""What people and methods state: frozen rows, append-only."""
