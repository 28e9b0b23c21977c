"""Running the network: orders of upkeep, who does them, how well."""
