"""Worked cities: small, broken, and whole."""
