"""A small invented world for the tests of the pages: three units, a dossier in every state around one Monday morning."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from app import two_person
from app.accounts import new_salt
from app.context import AppContext
from app.two_person import Person
from app.two_person_kinds import AccountNew
from tests import databases
from tests.passwords import cheap_hash
from tests.web.alert_sets import add_alert_sets
from tests.web.alerted import add_alerts
from tests.web.cause_sets import add_causes
from tests.web.finding_sets import add_findings
from tests.web.forecast_sets import add_forecast
from tests.web.kept import add_kept_month
from tests.web.letter_sets import add_letter_sets, put_trial
from tests.web.messages import add_messages
from tests.web.packed import add_packs, put_pack
from tests.web.rejected_rows import add_sources
from tests.web.remedy_sets import add_remedies
from tracker.pipeline import calendar_changes
from tracker.store import (
    api_tokens,
    audit,
    claims,
    feed_store,
    people,
    reported,
    schedule,
    source_keys,
    subscriptions,
    work,
)
from tracker.store.api_tokens import NewToken
from tracker.store.feed_store import UNIT, NewFeed
from tracker.store.models import (
    Batch,
    Dossier,
    DueSeen,
    Field,
    Letter,
    LetterStep,
    Obligation,
    ObligationStep,
    Procedure,
    Source,
    Suspension,
    Unit,
    UnitAlias,
)
from tracker.store.people import NewAccount
from tracker.store.reported import NewFigure
from tracker.store.schedule import RunRequest
from tracker.store.session import Store
from tracker.store.source_keys import NewKey
from tracker.store.subscriptions import NewSubscription
from tracker.text import fold
from tracker.timekeeping.schedule import Cause
from tracker.types import VN
from tracker.types.calendars import AddDay
from tracker.types.reconciling import ReportPlace
from tracker.types.work import Progress, WorkFault, WorkRequest, WorkRow

CONFIG = Path(__file__).parents[2] / "config.toml"
NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
OFFICE, BRANCH_A, BRANCH_B = 900_000, 900_001, 900_002
STRANGE = 900_003  # a name that no catalogue knows
PASSWORD = "mat-khau-cua-ban-1"
ROLES = {"desk": BRANCH_A, "head": BRANCH_A, "auditor": None, "reform": None, "admin": None}
NAME, PHONE = "Nguyễn Thị Bích Ngọc", "0912345678"
MADE_FILE = "exports/1/1/ho-so-qua-han-20260824.xlsx"
DAY_SECONDS = 86_400
HUB = "truc-lien-thong"  # a system of the configuration that is told of events
CODELESS = "?0A1B2C3D"
OVERDUE_A, OVERDUE_B, FINISHED_LATE = "T01-260803-0001", "T01-260803-0002", "T01-260601-0007"


@dataclass
class StandingContext(AppContext):
    """A context whose clock stands still until a test moves it."""

    instant: datetime = field(default=NOW)

    def now(self) -> datetime:
        """The moment the test wants."""
        return self.instant


def make_context(folder: Path, url: str | None = None) -> StandingContext:
    """A context on the shipped configuration with its data in `folder`; a store that is not told is empty."""
    settings = {
        'data_dir = "var"': f'data_dir = "{(folder / "var").as_posix()}"',
        "webhooks = []": f'webhooks = ["{HUB}=https://truc.vi-du.vn/su-kien"]',
        'database_url = ""': f'database_url = "{url or databases.chosen().empty(folder)}"',
    }
    text = CONFIG.read_text("utf-8")
    for shipped, own in settings.items():
        assert shipped in text
        text = text.replace(shipped, own)
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    made = folder / "var" / MADE_FILE  # by the work of `add_work`
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_bytes(b"PK\x03\x04 xlsx")
    put_trial(folder / "var", NOW)
    put_pack(folder / "var")
    return StandingContext(path)


def at(day: int, hour: int = 17, minute: int = 0, month: int = 8) -> datetime:
    """A moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=VN)


RECEIVED = at(3, 8)


def add_people(store: Store) -> None:
    """One account a role, all with the same password."""
    hashed = cheap_hash(PASSWORD)
    with store.transaction() as session:
        for role, unit_id in ROLES.items():
            new = NewAccount(role, f"Tài khoản {role}", role, unit_id, hashed, new_salt())
            people.add_account(session, new, NOW)


def add_units(store: Store) -> None:
    """An office with two branches."""
    names = {
        OFFICE: "Văn phòng Đăng ký đất đai (thử nghiệm)",
        BRANCH_A: "Chi nhánh Văn phòng Đăng ký đất đai khu vực Thử Nghiệm Một",
        BRANCH_B: "Chi nhánh Văn phòng Đăng ký đất đai khu vực Thử Nghiệm Hai",
    }
    with store.transaction() as session:
        for unit_id, name in names.items():
            session.add(
                Unit(
                    id=unit_id, code=f"T{unit_id}", name=name, abbreviation="", kind="branch", level="province",
                    parent_id=None if unit_id == OFFICE else OFFICE, valid_from=None, valid_to=None,
                    successor_id=None, place="", signer_title="",
                )
            )  # fmt: skip
            session.flush()
            session.add(UnitAlias(folded=fold(f"T{unit_id}"), unit_id=unit_id))
        strange = "UBND xã Tên Lạ (thử nghiệm)"
        session.add(
            Unit(
                id=STRANGE, code=f"?{STRANGE}", name=strange, abbreviation="", kind="unknown", level="unknown",
                parent_id=None, valid_from=None, valid_to=None, successor_id=None, place="", signer_title="",
            )
        )  # fmt: skip
        session.flush()
        session.add(UnitAlias(folded=fold(strange), unit_id=STRANGE))


def add_dossiers(store: Store) -> None:
    """A dossier in every state, in both branches."""
    with store.transaction() as session:
        session.add(Source(id=900_000, key="thu", name="Nguồn thử", priority=1))
        session.add(Field(id=900_000, folded="dat dai thu", name="Đất đai (thử)"))
        session.flush()
        name = "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất do chuyển nhượng"
        session.add(Procedure(id=900_000, code="T.001", name=name, field_id=900_000))
        session.add(Batch(id=1, source_id=900_000, ingested_at=at(24, 7), files="[]", counts="{}"))
        session.flush()
        session.add_all(_dossiers())
        session.flush()
        session.add(
            Suspension(
                dossier_id=5,
                seq=1,
                kind="supplement",
                start_at=at(12, 10),
                end_at=None,
                batch_id=1,
                known_from=at(12, 10),
            )
        )
        session.add(DueSeen(dossier_id=1, seq=1, kind="source", due_at=at(20), seen_at=at(4, 8), batch_id=1))


def _dossiers() -> list[Dossier]:
    a, b = BRANCH_A, BRANCH_B
    return [
        _dossier(1, OVERDUE_A, a, due=at(20)),
        _dossier(2, OVERDUE_B, b, due=at(20)),
        _dossier(3, "T01-260803-0003", a, due=at(24)),
        _dossier(4, "T01-260803-0004", a, due=at(25, 11)),
        _dossier(
            5, "T01-260803-0005", a, due=at(19), suspended_from=at(12, 10), status="awaiting_supplement"
        ),
        _dossier(6, "T01-260803-0006", a, due=at(16, month=9)),
        _dossier(7, FINISHED_LATE, a, due=at(22, month=6), finished=at(29, 10, month=6), status="returned"),
        _dossier(
            8, "T01-260601-0008", a, due=at(22, month=6), finished=at(19, 10, month=6), status="returned"
        ),
        _dossier(9, "T01-260823-0009", a, due=None, received=None, filed=at(24, 8), status="filed"),
        _dossier(
            10,
            CODELESS,
            a,
            due=None,
            finished=at(29, 10, month=6),
            status="refused",
            end_kind="not_accepted",
            flags="CODE_MISSING",
        ),
    ]


def _dossier(
    number: int,
    code: str,
    unit_id: int,
    *,
    due: datetime | None,
    finished: datetime | None = None,
    received: datetime | None = RECEIVED,
    status: str = "processing",
    **given: Any,
) -> Dossier:
    started = received if finished is None else finished - timedelta(days=30)
    values: dict[str, Any] = {
        "id": number, "known_from": at(24, 7), "source_id": 900_000, "code": code, "procedure_id": 900_000,
        "field_id": 900_000, "resolving_unit_id": unit_id, "receiving_unit_id": unit_id,
        "returning_unit_id": unit_id, "channel": "counter", "applicant_kind": "citizen", "applicant_name": NAME,
        "address": "Thôn Thử, xã Thử Nghiệm, tỉnh Đắk Lắk", "phone": PHONE, "officer_name": "Trần Văn Thử",
        "limit_text": "15 ngày làm việc", "filed_at": given.pop("filed", None), "received_at": started,
        "promised_at": due, "source_due_at": due, "documented_due_at": due, "documented_reason": None,
        "finished_at": finished, "returned_at": finished, "withdrawn_at": None, "refused_at": None,
        "ended_at": finished, "end_kind": "finished" if finished else None, "suspended_from": None,
        "status": status, "status_text": "", "late_reason": "Khối lượng hồ sơ tăng cao trong kỳ", "note": "",
        "updated_at": None, "flags": "", "row_hash": b"\0" * 16, "batch_id": 1, "row_no": number,
    }  # fmt: skip
    return Dossier(**{**values, **given})


def write_letter_file(folder: Path) -> Path:
    """The file of the world's letter; all copies of a world name the one in its folder, and an act may take it away."""
    path = folder / "thu.docx"
    path.write_bytes(b"PK\x03\x04 thu")
    return path


def add_letter(store: Store, folder: Path) -> Path:
    """One drafted letter of the finished late dossier, with a file."""
    path = write_letter_file(folder)
    with store.transaction() as session:
        session.add(
            Obligation(
                dossier_id=7, opened_at=at(24), state="owed", reason="late", kind="returned_late", due_at=at(22, month=6),
                unit_id=BRANCH_A,
            )
        )  # fmt: skip
        letter = Letter(
            id=1, dossier_id=7, seq=1, kind="returned_late", form="phieu-2018", state="drafted", unit_id=BRANCH_A,
            as_of=at(24), due_at=at(22, month=6), new_due_at=None, reason="Khối lượng hồ sơ tăng cao",
            short_code="AB12CD", file=str(path), signed_file=str(path), number=None, issued_on=None,
        )  # fmt: skip
        session.add(letter)
        session.flush()
        session.add(LetterStep(letter_id=1, seq=1, step="drafted", at=at(24), actor="operator", note=""))
    return path


def add_change(context: StandingContext) -> None:
    """A change of the calendar that waits for a second person."""
    day = AddDay("VN", date(2026, 12, 31), "Nghỉ thử nghiệm", "TB 1/TB-UBND (thử nghiệm)")
    key = context.config.calendar_key
    calendar_changes.propose(
        context.store, [day], calendar_key=key, reason="Thử nghiệm", actor="reform", now=NOW
    )


def add_rights_change(context: StandingContext) -> None:
    """An account that waits for a second administrator."""
    new = AccountNew("thu.nghiem", "Người Thử Nghiệm", "thu.nghiem@vi-du.vn", "desk", BRANCH_A)
    reason = "Quyết định phân công số 1 (thử nghiệm)"
    two_person.propose(context.store, new, person=Person("admin"), reason=reason, now=NOW)


def add_work(context: StandingContext) -> None:
    """Long work in every state: done with a file, running, dead, waiting for the running one."""
    view = {"now": NOW.isoformat(), "units": None, "names": False}
    export = {"filters": {"trang-thai": "all"}, "view": view}
    with context.store.transaction() as session:
        for kind, asker, params, after in (
            ("late_export", "reform", export, ()),
            ("ingest", "operator", {"paths": ["thang-8.csv"], "source": "main"}, ()),
            ("draft_letters", "operator", {}, ()),
            ("late_export", "reform", export, (2,)),
        ):
            work.ask(
                session, WorkRequest(kind, f"{kind}:{len(after)}", params, asker, after=after), at(24, 8)
            )
    done, running, dead = (_claimed(context.store, at(24, 8, minute)) for minute in (1, 2, 3))
    with context.store.transaction() as session:
        claims.finish_in(session, done, {"file": MADE_FILE, "rows": 3}, at(24, 8, 1))
    told = Progress(12_000, 48_000, "thang-8.csv")
    claims.heartbeat(context.store, running, NOW, DAY_SECONDS, told)
    fault = WorkFault("Không dùng được tệp thang-7.csv: không có tệp này", "FILE_UNUSABLE", final=True)
    claims.fail(context.store, dead, fault, now=at(24, 8, 3), retry_seconds=30)


def add_feed(context: StandingContext) -> None:
    """A calendar of the desk's unit that somebody reads by its link."""
    new = NewFeed(1, UNIT, BRANCH_A, "Lịch hẹn trả của bộ phận một cửa", "x" * 43)
    with context.store.transaction() as session:
        feed_id = feed_store.add_feed(session, new, at(20, 9))
        feed_store.note_use(session, feed_id, at(23, 7), at(23, 0))


def add_programs(context: StandingContext) -> None:
    """A program that calls with a token of the desk, and a system that is told of loads."""
    new = NewToken(1, "Bảng điện tử ở sảnh", "aaaaaaaaaa", "0" * 64, ("dossiers:read",), at(20, 9, month=11))
    with context.store.transaction() as session:
        token_id = api_tokens.add(session, new, at(20, 9))
        api_tokens.note_use(session, token_id, at(23, 9))
        subscriptions.add(session, NewSubscription(HUB, ("batch.loaded",), None, "admin"), at(20, 9))


def add_letter_step(context: StandingContext) -> None:
    """A long list of letters that the desk had moved on, with one that was not."""
    params = {"act": "ghi-da-ky", "filters": {"trang-thai": "approved"}, "units": [BRANCH_A], "count": 2_001}
    with context.store.transaction() as session:
        work.ask(session, WorkRequest("letter_step", "letter_step:1", params, "desk"), at(24, 9))
    rows = [[OVERDUE_A, "chỉ ghi đã ký cho thư đã duyệt"]]
    result = {"act": "ghi-da-ky", "moved": 2_000, "refused": 1, "rows": rows}
    _finish(context.store, "letter_step", result, at(24, 9))


def add_duty(store: Store) -> None:
    """A dossier that is late by what is published, and not by its source."""
    with store.transaction() as session:
        session.add(
            Obligation(
                dossier_id=3, opened_at=at(24), state="to_check", reason="documented_only", kind="overdue",
                due_at=at(20), unit_id=BRANCH_A, steps=1,
            )
        )  # fmt: skip
        step = {"state": "to_check", "reason": "documented_only", "actor": "system", "note": ""}
        session.add(ObligationStep(dossier_id=3, seq=1, as_of=at(24), at=at(24), **step))


def add_log(context: StandingContext) -> None:
    """The log of Sunday sealed by its job, and a check of it."""
    sunday, made = date(2026, 8, 23), at(23, 23, 30)
    request = RunRequest("seal", sunday, Cause.CLOCK, "scheduler")
    with context.store.transaction() as session:
        schedule.known_jobs(session, ["seal"], at(20, 9))
        schedule.ask_run(session, request, made)
        audit.append_acts(session, [audit.Act(at(23, 9), "admin", "user_add", "user:5", {"role": "admin"})])
        audit.seal(session, sunday, made)
    _finish(context.store, "job", {"day": sunday.isoformat()}, made)
    with context.store.transaction() as session:
        work.ask(session, WorkRequest("audit_verify", "audit_verify:1", {"lines": []}, "auditor"), at(24, 9))
    found = {"ok": True, "checked": 1, "seals": 1, "lines": 0, "broken": []}
    _finish(context.store, "audit_verify", found, at(24, 9))


def add_print(context: StandingContext) -> None:
    """Letters printed for the desk, with a notice that has to be handed over."""
    view = {"now": NOW.isoformat(), "units": [BRANCH_A], "names": True}
    params = {"filters": {"trang-thai": "approved"}, "view": view}
    with context.store.transaction() as session:
        work.ask(session, WorkRequest("print_letters", "print_letters:1", params, "desk"), at(24, 8, 30))
    omitted = [{"code": FINISHED_LATE, "why": "không tìm thấy tệp thư"}]
    counts = {"printed": 1, "made": 4, "omitted": 1, "told": "1", "omitted_lines": omitted}
    _finish(context.store, "print_letters", {"file": "exports/8/1/thu.zip", **counts}, at(24, 8, 30))


def add_report(store: Store) -> None:
    """What the source reports of August: one unit as we count it, one otherwise, one that nobody knows."""
    place = ReportPlace("thu", "e", date(2026, 8, 1), date(2026, 8, 31))
    told = {
        "Thử Nghiệm Một": (BRANCH_A, 5, 1),
        "Thử Nghiệm Hai": (BRANCH_B, 1, 0),
        "Phòng không ai biết": (None, 4, 2),
    }
    figures = [
        NewFigure("unit", name, unit, measure, value, line)
        for line, (name, (unit, *values)) in enumerate(told.items(), 6)
        for measure, value in zip(("received_direct", "open_late"), values, strict=True)
    ]
    with store.transaction() as session:
        reported.add_report(
            session, place, figures, file="bieu-06-thang-8.xlsx", entered_by="reform", at=at(24, 8)
        )


def _finish(store: Store, kind: str, result: dict[str, Any], now: datetime) -> None:
    row = claims.claim(store, [kind], owner="máy-thử-1", now=now, lease_seconds=60, max_attempts=5)
    assert row is not None
    with store.transaction() as session:
        claims.finish_in(session, row, result, now)


def _claimed(store: Store, now: datetime) -> WorkRow:
    kinds = ("late_export", "ingest", "draft_letters")
    row = claims.claim(store, kinds, owner="máy-thử-1", now=now, lease_seconds=DAY_SECONDS, max_attempts=5)
    assert row is not None
    return row


def add_key(context: StandingContext) -> None:
    """A system that may push dossiers of one branch and of a unit that is gone from the catalogue."""
    units = (f"T{BRANCH_A}", "T-KHONG-CON")
    new = NewKey("thu", "mot-cua-thu", cheap_hash(PASSWORD), units, "admin")
    source_keys.make_key(context.store, new, at(24, 8), log=lambda _session, _number: None)


def make_world(folder: Path) -> StandingContext:
    """Everything: units, accounts, dossiers, a letter."""
    context = make_context(folder)
    fill(context, folder)
    return context


def fill(context: StandingContext, folder: Path) -> None:
    """Put the world into a context's store; the letter's file into `folder`."""
    add_units(context.store)
    add_people(context.store)
    add_dossiers(context.store)
    add_letter(context.store, folder)
    add_change(context)
    add_rights_change(context)
    add_work(context)
    add_messages(context.store, NOW)
    add_report(context.store)
    add_log(context)
    add_sources(context, NOW)
    add_print(context)
    add_key(context)
    add_feed(context)
    add_programs(context)
    add_letter_step(context)
    add_duty(context.store)
    add_letter_sets(context.store, OFFICE, BRANCH_B, NOW)
    add_alerts(context.store, BRANCH_A, BRANCH_B)
    add_alert_sets(context.store, OFFICE, BRANCH_B, 900_000, NOW)
    add_remedies(context.store, BRANCH_A, BRANCH_B, NOW)
    add_packs(context.store, NOW)
    add_kept_month(context, at(24, 7, 30))
    add_findings(context.store, BRANCH_A, BRANCH_B, NOW)
    add_causes(context.store, BRANCH_A, 900_000, 900_000)
    add_forecast(context.store, [(number, BRANCH_A, date(2026, 9, 1)) for number in (4, 6, 3)], NOW)
