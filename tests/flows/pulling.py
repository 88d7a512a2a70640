"""What tests of pulling share: an office that asks made-up systems, and what it has of them."""

import json
from typing import Any

from tests.flows.office import Office
from tests.portal_servers import SECRET, configured

SECRETS = {"DUNGHEN_PULL_SECRET_MOTCUA": SECRET, "DUNGHEN_PULL_SECRET_CONG": SECRET}


def configure(office: Office, *entries: str, **settings: str) -> None:
    """Have it ask these systems, in pages of 10 and without waiting."""
    usual = {"page_size": "10", "tries": "3", "wait_seconds": "0", "answer_seconds": "20"}
    office.configure(connectors=configured(*entries), **(usual | settings))


def pulled(office: Office, name: str = "motcua") -> dict[str, Any]:
    """Pull one system; the counts, which have to balance."""
    (told,) = office.ask("pull", name)["pulls"]
    assert told["read"] == sum(told[each] for each in ("new", "changed", "unchanged", "stale", "rejected"))
    return told


def counts(told: dict[str, Any]) -> tuple[int, ...]:
    """Read, new, changed, unchanged, stale, rejected."""
    return tuple(told[name] for name in ("read", "new", "changed", "unchanged", "stale", "rejected"))


def stored(office: Office) -> set[str]:
    """The codes of its dossiers."""
    return {code for (code,) in office.query("SELECT code FROM dossier")}


def mark(office: Office, name: str = "motcua") -> dict[str, Any]:
    """Its bookmark of a system."""
    ((told,),) = office.query("SELECT mark FROM pull_mark WHERE connector = ?", name)
    return json.loads(told)
