"""How does the example city go through works, proof and upkeep? Everything is invented and says so."""
