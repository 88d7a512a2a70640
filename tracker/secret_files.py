"""Secrets from files: `DUNGHEN_NAME_FILE` names a file that holds what `DUNGHEN_NAME` would.

So containers (`/run/secrets/…`) and systemd (`LoadCredential=`) hand secrets over without writing them into an environment,
which every child, crash report and `inspect` shows.
"""

from collections.abc import Mapping
from pathlib import Path

from tracker.errors import ConfigurationError

PREFIX, SUFFIX = "DUNGHEN_", "_FILE"
# A secret is a line, not a data base.
MOST_BYTES = 64 * 1024


def with_files(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, and for each variable of ours that names a file what stands in it; a variable itself goes first.

    Raises:
        ConfigurationError: a file that is named cannot be read; every one of them is told.
    """
    told, faults = dict(environment), []
    for variable, named in environment.items():
        name = variable.removesuffix(SUFFIX)
        if not (variable.startswith(PREFIX) and variable.endswith(SUFFIX)) or not named or told.get(name):
            continue
        try:
            told[name] = _content(Path(named))
        except (OSError, ValueError):
            faults.append(f"{variable}: không đọc được tệp bí mật {named}")
    if faults:
        raise ConfigurationError(faults)
    return told


def _content(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError
    return path.read_text("utf-8").strip("\r\n")
