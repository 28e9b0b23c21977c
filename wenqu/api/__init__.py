"""The HTTP face: thin routes over services."""
