"""Evidence packs in the world of the page tests: a retired key and one in use, a masked pack that lies there, one with names."""

from datetime import datetime, timedelta
from pathlib import Path

from tests.pack_samples import KEY, OTHER_KEY
from tracker.store import audit, pack_store
from tracker.store.audit import Act
from tracker.store.pack_store import NewPack
from tracker.store.session import Store

MASKED, NAMED = "2026-0001", "2026-0002"


def put_pack(data_dir: Path) -> None:
    """The file of the first pack."""
    path = data_dir / "packs" / f"{MASKED}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"PK\3\4 goi")


def add_packs(store: Store, now: datetime) -> None:
    """Two keys and two packs of the register."""
    acts: list[Act] = []
    with store.transaction() as session:
        for days, key in ((20, OTHER_KEY), (2, KEY)):
            made = now - timedelta(days=days)
            pack_store.add_key(session, key.fingerprint, key.public.hex(), by="operator", now=made)
        pack_store.retire_key(session, OTHER_KEY.fingerprint, by="operator", now=now - timedelta(days=3))
        for number, is_masked in ((MASKED, True), (NAMED, False)):
            new = _pack(number, is_masked)
            pack_store.add_pack(session, new, by="auditor", now=now - timedelta(days=1))
            told = {"sha256": new.sha256, "manifest": new.manifest_sha256}
            acts.append(Act(now - timedelta(days=1), "auditor", "pack_made", f"pack:{number}", told))
        audit.append_acts(session, acts)


def _pack(number: str, is_masked: bool) -> NewPack:
    question = {
        "from": "2026-07-01", "to": "2026-07-31", "unit": "", "basis": "source", "as_of": "2026-08-23T09:30:00+07:00",
        "known": None, "masked": is_masked,
    }  # fmt: skip
    counts = {"dossiers": 46_885, "proofs": 46_885, "letters": 46_861, "letter_files": 0}
    return NewPack(
        number, "Hồ sơ quá hạn tháng 7 (thử nghiệm)", question, counts, f"goi-chung-cu-{number}.zip", 48_000_000,
        "ab" * 32, "cd" * 32, "ef" * 64, KEY.fingerprint,
    )  # fmt: skip
