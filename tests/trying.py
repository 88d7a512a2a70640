"""How many examples a property is tried with: some each time, many in `make test-long`."""

from hypothesis import settings

# Of tests that say no number of their own; what is registered in `tests/conftest.py`.
USUALLY, AT_LENGTH = 25, 250


def examples(usually: int, at_length: int) -> int:
    """The number for this run; asked for when a module is loaded, after the run's profile was chosen."""
    return at_length if settings.default.max_examples == AT_LENGTH else usually
