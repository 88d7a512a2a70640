"""Whom calls by TLS trust: the authorities of the system, or those that SSL_CERT_FILE and SSL_CERT_DIR name.

Reading some hundred authorities takes longer than most calls, so a process reads them once, and again when their file changes.
"""

import os
import ssl
from functools import lru_cache


def trusted() -> ssl.SSLContext:
    """For connections that check the other side's certificate and name. Shared: not to be altered."""
    paths = ssl.get_default_verify_paths()
    return _read(paths.cafile, paths.capath, _stamp(paths.cafile))


@lru_cache(maxsize=1)
def _read(_file: str | None, _folder: str | None, _stamp: tuple[int, int] | None) -> ssl.SSLContext:
    return ssl.create_default_context()


def _stamp(file: str | None) -> tuple[int, int] | None:
    """Differs when another file lies there."""
    if file is None:
        return None
    try:
        told = os.stat(file)
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns
