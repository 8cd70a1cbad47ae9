"""After the decision: what the household reports, and 「still true?」 by the calendar."""
