"""初审、公示、审核确认、决定书、听取意见：what the offices decide, and what must come before."""
