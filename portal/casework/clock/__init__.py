"""The clocks of a case: what runs, against which article, and what happens when it runs out."""
