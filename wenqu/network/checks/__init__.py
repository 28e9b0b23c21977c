"""What is wrong with a network: rules in families, each a generator of Issues."""
