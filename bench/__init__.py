"""What it costs: figures, ratios and budgets. `make bench` runs them."""
