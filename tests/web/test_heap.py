"""The web process asks the C library to keep little: one heap for all threads, great pieces apart from it."""

import platform
import subprocess
import sys

from app import heap

# Prints what was answered, and how many heaps there are after eight threads asked for memory at the same time.
PROGRAM = """
import ctypes, sys, threading
from app import heap
told = heap.keep_little() if sys.argv[1] == "little" else None
all_here = threading.Barrier(8)
def ask():
    all_here.wait()
    taken = [bytearray(2_000) for _ in range(2_000)]
    all_here.wait()
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(told, flush=True)
library = ctypes.CDLL(None)
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
"""


def heaps(*arguments: str) -> tuple[str, int]:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    return told.stdout.splitlines()[0], told.stdout.count("<heap nr=")


def test_threads_share_one_heap_where_the_library_can_do_so():
    if platform.libc_ver()[0] != "glibc":
        assert heap.keep_little() is False
        return
    assert heaps("usual")[1] > 1
    assert heaps("little") == ("True", 1)


def test_where_the_library_knows_no_such_options_nothing_is_done(monkeypatch):
    class Other:
        def __init__(self, _name: object) -> None:
            pass

    monkeypatch.setattr(heap.ctypes, "CDLL", Other)
    assert heap.keep_little() is False
