"""Wire formats of devices and maps, as pure functions."""
