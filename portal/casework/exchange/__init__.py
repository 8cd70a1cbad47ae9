"""Exchange with offices that have a system of their own, by signed files in two boxes."""
