"""Memory that Python gives back goes back to the machine: how the C library of a process that runs for months keeps it.

The library of Linux (glibc) gives each thread a heap of its own, keeps what was freed in the middle of one, and asks for
ever larger pieces of it as larger ones are used: of eight threads that make pages half of what they had in their heaps was
free (measured, docs/performance.md). One heap, and great pieces apart from it, keep a tenth of that. On other systems,
whose libraries know none of this, nothing is done.
"""

import ctypes

MIB = 2**20
# mallopt(3) of glibc: numbers of malloc.h; the second and third, once set, no longer follow what was freed last.
ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD = -8, -3, -1
SETTINGS = {ARENA_MAX: 1, MMAP_THRESHOLD: MIB // 2, TRIM_THRESHOLD: 2 * MIB}


def keep_little() -> bool:
    """From here on; before threads are begun. True where the library knows of it."""
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # Windows has no such name, other libraries no such function
        return False
    told = [set_option(option, value) for option, value in SETTINGS.items()]
    return all(answer == 1 for answer in told)
