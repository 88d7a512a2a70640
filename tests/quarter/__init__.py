"""A province that lives through virtual days with everything that goes wrong, and a slow recount of what had to happen."""
