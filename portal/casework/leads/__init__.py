"""主动发现: households in need that somebody found, from the report to the help."""
