"""The routes, one file a screen."""
