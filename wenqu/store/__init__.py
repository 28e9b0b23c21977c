"""Where everything is kept: cities, assets with their history, records, documents, readings."""
