"""The files in which networks are handed over: read into tables, written from them."""
