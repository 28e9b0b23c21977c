"""One use case a file: the only place that sees stages and store together."""
