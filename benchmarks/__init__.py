"""Speed, measured beside the floor of the same work in the same run; never a test."""
