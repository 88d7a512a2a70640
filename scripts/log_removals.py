"""How the guards of the operating log, of its requests and of secrets in files are taken out; a part of `scripts/guard_removals.py`."""

from scripts.removal import Removal

LOG_REMOVALS = [
    Removal(
        "an event of the operating log has the fields of its catalogue alone", "app/oplog/entries.py",
        "if name in allowed and value is not None", "if value is not None",
    ),
    Removal(
        "a field of the operating log takes values of its form alone", "app/oplog/entries.py",
        "name: FORMS[allowed[name]](value)", "name: value",
    ),
    Removal(
        "the operating log never holds what an error says", "app/oplog/faults.py",
        '"error": type(error).__name__', '"error": str(error)',
    ),
    Removal(
        "the operating log never holds what a library says", "app/oplog/writing.py",
        '"logger": record.name, "place"', '"logger": record.getMessage(), "place"',
    ),
    Removal(
        "a log that cannot be written fails nobody", "app/oplog/writing.py",
        "        except Exception:  # whatever it is: nobody's work ends for a line\n", "        except KeyError:\n",
    ),
    Removal(
        "files of the operating log are their owner's", "app/oplog/outlets.py", "0o600", "0o644",
    ),
    Removal(
        "the number of a request is a trusted proxy's or ours", "app/proxies.py",
        'environ[REQUEST_ID] = ""', "environ[REQUEST_ID] = number",
    ),
]  # fmt: skip
