"""What water does in the pipes: engines and their files."""
