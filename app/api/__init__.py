"""The API: the functions of the pages as JSON, for programs with a token. `routes` is the table of all operations."""
