"""What the city has: its assets, their shapes and how they hang together."""
