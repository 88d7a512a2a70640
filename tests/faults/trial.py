"""One trial: an act is done while a fault befalls the program, the fault goes, and the act is done again.

What stands afterwards is held against what stands where nothing befell it: row by row, file by file. What is missing was
lost, what is there twice was doubled. Rows that tell of attempts (who held work, when a process was heard of) may differ.
"""

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.faults.acts import NOW, OUT, ActKind, copied
from tests.flows.office import Answer, Office
from tracker.machine import machine_fault
from tracker.store import audit
from tracker.store.session import open_store

# Moments, and what hangs on them; numbers by chance.
MOMENTS = (
    "at", "known_from", "known_until", "ended_known_at", "seen_at", "ingested_at", "chain", "session_salt", "password_hash",
    "last_login_at", "updated_at", "counted_at", "short_code", "finished_at_by_us", "file", "sha256", "size", "files",
)  # fmt: skip
# They tell of attempts, of processes and of what has to be counted anew, not of what was done.
OF_ATTEMPTS = frozenset(
    {"process", "lease", "work_attempt", "work_item", "outbox_event", "outbox_message", "login_try", "tries", "rate_mark",
     "cause_mark", "search_mark", "pull_mark", "schedule_known", "job_known"}
)  # fmt: skip
LOG = "audit_entry"
# Whoever tries twice may be seen twice; what was done stands once.
SEEN = frozenset({"login", "export", "backup", "draft", "late_list", "dossier", "ingest"})
LATER = timedelta(hours=2)  # nobody holds the work of a killed process any more
LONG_AGO, LONG_AHEAD = NOW.timestamp() - 1, (NOW + timedelta(hours=9)).timestamp()
WAITS = timedelta(hours=1)  # work that failed waits its time
TURNS = 3

First = Callable[[Office], Answer]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in an office: rows by table, the log, states of work and messages, files by place and kind."""

    rows: dict[str, Counter]
    log: Counter
    files: Counter
    faults: list[str] = field(default_factory=list)


@dataclass
class Trial:
    """What came of one; `answers`: of the disturbed act and of each that followed, the last of which ended well."""

    fault: str
    act: str
    answers: list[Answer] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def was_hit(self) -> bool:
        """Did the fault keep the act from ending well?"""
        return self.answers[0].status not in (0, 1)

    @property
    def told(self) -> str:
        """What the person was told."""
        return self.answers[0].err

    @property
    def is_well(self) -> bool:
        """Nothing lost, nothing doubled, all as it has to be."""
        return not (self.lost or self.doubled or self.wrong)


def undisturbed(base: Office, act: ActKind, folder: Path) -> Standing:
    """What stands after an act that nothing befell."""
    office = copied(base, folder)
    answer = act.do(office)
    assert answer.status in (0, 1), answer.err
    if act.then is not None:
        act.then(office)
    return standing(office)


def attempt(trial: Trial, office: Office, act: ActKind, first: First, expected: Standing) -> Trial:
    """Do the act under the fault (`first`), look, do it again without, and compare."""
    try:
        trial.answers.append(first(office))
    except Exception as error:
        fault = machine_fault(error)  # told so by the outermost edge of the command line
        trial.answers.append(Answer(3, "", str(fault or error)))
        if fault is None:
            trial.wrong.append(f"not told: {type(error).__name__}: {error}")
    if not office.is_sound():
        trial.wrong.append("the database is damaged")
    office.now += LATER
    for _turn in range(TURNS):
        if trial.answers[-1].status in (0, 1) and not act.is_turn:
            break
        trial.answers.append(act.do(office))
        office.now += WAITS
    if act.then is not None:
        act.then(office)
    if trial.answers[-1].status not in (0, 1):
        trial.wrong.append(f"the same does not work again: {trial.answers[-1].err[-300:]}")
    _compare(trial, expected, standing(office), act.may_repeat)
    return trial


def standing(office: Office) -> Standing:
    """Everything that stands in an office at the moment."""
    dump = office.dump(without=MOMENTS)
    rows = {
        name: Counter(map(_timeless, found))
        for name, found in dump.items()
        if name not in OF_ATTEMPTS | {LOG}
    }
    for name, columns in (("work_item", "kind, state"), ("outbox_message", "kind, key, channel, state")):
        rows[name] = Counter(map(repr, office.query(f"SELECT {columns} FROM {name}")))
    log = Counter(office.query("SELECT action, subject FROM audit_entry"))
    found = Standing(rows, log, _files(office.folder))
    store = open_store(office.url)
    with store.read() as session:
        found.faults.extend(each.text for each in audit.verify(session).broken)
    store.close()
    return found


def _timeless(values: tuple) -> str:
    """A row without the moments at which it was written: a repetition comes later."""
    return repr(
        tuple("now" if isinstance(each, int) and LONG_AGO < each < LONG_AHEAD else each for each in values)
    )


def _files(folder: Path) -> Counter:
    """Files that the program made, by their place; half of one is known by that it cannot be opened."""
    made = Counter[str]()
    for place in (OUT, "var/letters", "var/exports", "var/backups", "var/uploads"):
        for path in sorted((folder / place).rglob("*")):
            if path.is_file():
                made[f"{path.relative_to(folder).as_posix()}{'' if _is_whole(path) else ' (half)'}"] += 1
    return made


def _is_whole(path: Path) -> bool:
    body = path.read_bytes()
    if path.suffix not in (".zip", ".xlsx", ".docx"):
        return bool(body)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return archive.testzip() is None
    except zipfile.BadZipFile:
        return False


def _compare(trial: Trial, expected: Standing, found: Standing, may_repeat: frozenset[str]) -> None:
    for name, rows in expected.rows.items():
        _say(trial.lost, name, rows - found.rows.get(name, Counter()))
        if name not in may_repeat:
            _say(trial.doubled, name, found.rows.get(name, Counter()) - rows)
    _say(trial.lost, "log", expected.log - found.log)
    _say(
        trial.doubled,
        "log",
        Counter({k: n for k, n in (found.log - expected.log).items() if k[0] not in SEEN}),
    )
    _say(trial.lost, "file", expected.files - found.files)
    _say(trial.doubled, "file", found.files - expected.files)
    trial.wrong.extend(found.faults)


def _say(into: list[str], where: str, found: Counter) -> None:
    into.extend(f"{where}: {row} x{times}" for row, times in found.items())
