"""What the village sees: what hangs, what was decided, and what people say against it."""
