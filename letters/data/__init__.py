"""Forms of the letter as dated data."""
