"""Help on each page in the words of the office: texts as data (`*.toml`, one file an area), read once (`topics.py`)."""
