"""Findings of the world's dossiers: of both branches, one explained by its head, one that a later look found no more; and hidden counts."""

from datetime import datetime, timedelta
from types import MappingProxyType

from tracker.store.models import Finding, FindingStep, HiddenMonth
from tracker.store.session import Store
from tracker.types.findings import Evidence, EvidenceSide, FindingKind, Seen, evidence_text

EXPLANATION = "Tạm dừng chờ thuế từ trước hạn, phần mềm chưa gửi lần tạm dừng này"
MOVED, SUSPENDED, FOREIGN, GONE, EQUAL = 1, 2, 3, 4, 5  # numbers of findings


def moved(now: datetime) -> Evidence:
    """A due date that was moved a day after it had passed."""
    due, told = now - timedelta(days=10), now - timedelta(days=9)
    return Evidence(
        EvidenceSide(Seen.DUE, due, told_at=now - timedelta(days=20), batch_id=1, last_told_at=told, last_batch_id=1),
        EvidenceSide(Seen.DUE, now - timedelta(days=4), told_at=told, batch_id=1),
        also=(FindingKind.MOVED_UNEXPLAINED,),
        facts=MappingProxyType({"shift_days": 4}),
    )  # fmt: skip


def suspended(now: datetime) -> Evidence:
    """A suspension told after the due date, from before it."""
    return Evidence(
        EvidenceSide(Seen.UNSUSPENDED, now - timedelta(days=5), told_at=now - timedelta(days=4), batch_id=1),
        EvidenceSide(
            Seen.SUSPENSION, now - timedelta(days=7), name="supplement", told_at=now - timedelta(days=1), batch_id=1
        ),
    )  # fmt: skip


def equal(now: datetime) -> Evidence:
    """An end at the very second of the due date, as most of the unit's."""
    at = now - timedelta(days=60)
    facts = MappingProxyType({"equal": 40, "ended": 120})
    return Evidence(
        EvidenceSide(Seen.DUE, at, told_at=at, batch_id=1), EvidenceSide(Seen.END, at), facts=facts
    )


def add_findings(store: Store, branch: int, other_branch: int, now: datetime) -> None:
    """Five findings of dossiers 1, 5, 2, 7 and 8, and what is hidden in June."""
    told = {"found_at": now - timedelta(hours=3), "gone_at": None, "state": "open"}
    with store.transaction() as session:
        session.add_all(
            Finding(**{
                **told, "id": number, "dossier_id": dossier_id, "unit_id": unit_id, "kind": kind.value, "key": "",
                "at": at, "evidence": evidence_text(evidence), **more,
            })
            for number, dossier_id, unit_id, kind, at, evidence, more in (
                (MOVED, 1, branch, FindingKind.MOVED_AFTER, now - timedelta(days=9), moved(now), {}),
                (SUSPENDED, 5, branch, FindingKind.SUSPENDED_AFTER, now - timedelta(days=1), suspended(now),
                 {"state": "explained"}),
                (FOREIGN, 2, other_branch, FindingKind.MOVED_AFTER, now - timedelta(days=9), moved(now), {}),
                (GONE, 7, branch, FindingKind.MOVED_LAST_DAY, now - timedelta(days=30), moved(now),
                 {"gone_at": now - timedelta(days=2)}),
                (EQUAL, 8, branch, FindingKind.END_IS_DUE, now - timedelta(days=60), equal(now), {}),
            )
        )  # fmt: skip
        session.flush()
        session.add(
            FindingStep(
                finding_id=SUSPENDED, seq=1, state="explained", reason=EXPLANATION, document="12/TB-CNT", by="head",
                at=now - timedelta(hours=2),
            )
        )  # fmt: skip
        for month, unit_id, counts in (
            (202606, branch, (10, 8, 1, 2, 1, 2)),
            (202607, branch, (4, 4, 0, 1, 1, 1)),
            (202606, other_branch, (5, 0, 0, 0, 0, 0)),
        ):
            names = ("ended", "complete", "late", "hidden_documented", "hidden_promised", "hidden")
            values = dict(zip(names, counts, strict=True))
            session.add(HiddenMonth(month=month, unit_id=unit_id, field_id=900_000, **values))
