"""What was seen of the network: inspection files read, written and drawn."""
