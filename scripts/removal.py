"""What taking a guard out means, for the lists of `scripts/guard_removals.py`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Removal:
    """How a guard is taken out: `old`, which stands exactly once in the file, becomes `new`."""

    guard: str
    path: str
    old: str
    new: str = ""
