"""发放: what the bank has paid, month by month, as its file says it."""
