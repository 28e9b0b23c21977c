"""From a problem to a pipe that is mended, tested and accepted."""
