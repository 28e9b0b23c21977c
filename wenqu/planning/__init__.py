"""What to do, where, how and when, for the least money."""
