"""What stands in deploy/, run as it would be in an office."""
