"""Faults done for real to the program at work, and what is lost or doubled by them; used by tests and `benchmarks/faults.py`."""
