"""How can what a rule found be put right? Proposals, best first, each a set of edits."""
