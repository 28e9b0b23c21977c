"""Published rules as data: every number with its standard, edition, clause and how well it is known."""
