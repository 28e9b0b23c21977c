"""How a store made by an older Wenqu becomes one of today."""
