"""The examination of the installation as a piece of work: what `dunghen doctor` says, kept for the page of its state."""

from collections.abc import Mapping
from typing import Any

from app.doctor import CHECKS, examine
from app.grip import Grip
from app.health_words import check_title

TOGETHER = 2 + len(CHECKS)  # configuration and database come before those


def examine_office(grip: Grip) -> Mapping[str, Any]:
    """Look at every part; nothing is mended."""

    def told(done: int, name: str) -> None:
        grip.progress(done, TOGETHER, f"Đang xem: {check_title(name).lower()}")

    found = examine(grip.context, told)
    return {
        "ok": all(each.ok for each in found),
        "checks": [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in found],
    }
