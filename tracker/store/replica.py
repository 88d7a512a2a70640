"""The server that reports are read from: a hot standby that streams from ours, so that heavy reading disturbs no desk.

A report is never older than the moment it asks at: the place of the primary's write-ahead log of that moment is noted, and
the replica is read only once it has replayed up to there. Where it cannot be had in time, the primary answers, and it is
told why. Nothing is ever written here: the server itself would refuse.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from tracker.errors import WorkFailed
from tracker.store.faults import one_line, told_plainly

# A replica at rest that catches up within so many seconds was only idle: nothing is told of it.
GRACE_SECONDS = 0.25
# After it could not be had, it is not asked again for so long: no page waits for what is known to be away.
AWAY_SECONDS, BEHIND_SECONDS = 30.0, 10.0
FIRST_LOOK_AFTER, LAST_LOOK_AFTER = 0.002, 0.05
# Of connecting, of an answer that does not come: a machine that was switched off says nothing at all.
PATIENCE_OF_NETWORK: Mapping[str, int] = {
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

# The place of the log now; is it on the disk (only then does it reach a replica); and which database this is.
_HERE = (
    "WITH here AS MATERIALIZED (SELECT pg_current_wal_insert_lsn() AS lsn)"
    " SELECT lsn::text, pg_current_wal_flush_lsn() >= lsn, ('x' || substr(pg_walfile_name(lsn), 1, 8))::bit(32)::int,"
    " (SELECT system_identifier FROM pg_control_system()),"
    " (SELECT oid::bigint FROM pg_database WHERE datname = current_database()), current_schema() FROM here"
)
# A commit that did not wait for the disk is pushed there by one that does; it changes nothing.
_PUSH = ("SET LOCAL synchronous_commit = local", "SELECT pg_logical_emit_message(true, 'dunghen', ''::text)")
# Which history it follows is told by what it receives, else by its last restart point, which may be minutes old.
_THERE = (
    "SELECT pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn() >= %(lsn)s::pg_lsn, false),"
    " greatest(0, pg_wal_lsn_diff(%(lsn)s::pg_lsn, pg_last_wal_replay_lsn()))::bigint,"
    " greatest(0, extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()))::float8,"
    " coalesce((SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint())),"
    " (SELECT system_identifier FROM pg_control_system()),"
    " (SELECT oid::bigint FROM pg_database WHERE datname = current_database()), current_schema()"
)

WRITABLE = "máy đọc báo cáo nhận cả việc ghi, không còn là bản sao của máy chủ chính"
FOREIGN = "máy đọc báo cáo không phải bản sao của cơ sở dữ liệu này"
ANOTHER_BRANCH = "máy đọc báo cáo chưa theo máy chủ chính hiện nay"
NO_PRIMARY = "máy chủ chính đang là bản sao của một máy khác"
BEHIND = "máy đọc báo cáo trễ {} giây"
MINUTES_BEHIND = "máy đọc báo cáo trễ {} phút"
HOURS_BEHIND = "máy đọc báo cáo trễ {} giờ"
AWAY = "máy đọc báo cáo không trả lời"
CROWDED = "máy đọc báo cáo đang bận với các báo cáo khác"
LOST = "mất kết nối với máy đọc báo cáo giữa chừng"
CONFLICT = "máy đọc báo cáo ngắt câu hỏi để theo kịp máy chủ chính"
NOT_ALLOWED = "tài khoản ở máy đọc báo cáo không đủ quyền"
OTHER = "máy đọc báo cáo báo lỗi {}"
FROM_REPLICA = "Đọc từ máy đọc báo cáo."
FROM_PRIMARY = "Đọc từ máy chủ chính vì {}."
AGAIN = "Đọc báo cáo bị ngắt: {}. Không có gì được ghi dở dang; hãy chạy lại."


@dataclass(frozen=True, slots=True)
class ReplicaLimits:
    """How long a report waits for the replica to catch up, and how far behind it may be to be waited for; seconds."""

    wait_seconds: float
    max_lag_seconds: float


class State(StrEnum):
    """How the replica stands."""

    STREAMING = "streaming"
    BEHIND = "behind"
    AWAY = "away"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """The replica at one moment: how far behind (None: it could not be asked), and why it is not read from, if so.

    `said`: what the server or the network said, for administrators alone.
    """

    state: State
    why: str = ""
    said: str = ""
    lag_seconds: float | None = None
    lag_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ReadFrom:
    """Which server answered a report; `why` it was not the replica, in words."""

    is_replica: bool
    why: str = ""

    @property
    def words(self) -> str:
        """The same as a sentence."""
        return FROM_REPLICA if self.is_replica else FROM_PRIMARY.format(self.why)

    @property
    def told(self) -> Mapping[str, str]:
        """The same for a log or a result."""
        return {"read_from": "replica"} if self.is_replica else {"read_from": "primary", "read_why": self.why}


class ReplicaFailed(WorkFailed):
    """The replica failed in the middle of a report; it can be made from the primary."""

    def __init__(self, why: str) -> None:
        super().__init__(AGAIN.format(why))
        self.why = why


class _Unfit(Exception):
    """It cannot be read from now."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(standing.why)
        self.standing = standing


@dataclass(frozen=True, slots=True)
class _Mark:
    """What the primary had committed at a moment: a place of its log, and which history of which database that is."""

    place: str
    branch: int
    system: int
    database: int
    schema: str


class ReplicaSession(Session):
    """One snapshot of the replica on a connection of its own, which goes back when it is closed."""

    def __init__(self, replica: "Replica", connection: Connection, info: dict[Any, Any]) -> None:
        super().__init__(connection, expire_on_commit=False, info=info)
        self.replica, self._connection = replica, connection

    def close(self) -> None:
        """As a session's, and the connection is free for others."""
        super().close()
        self._connection.close()


class Replica:
    """The replica as one process sees it: opens snapshots of it, and leaves it alone for a while where it cannot be had."""

    def __init__(self, engine: Engine, primary: Engine, limits: ReplicaLimits) -> None:
        self.engine, self.limits = engine, limits
        self.snapshots = 0
        self.refusals = 0
        self._primary = primary.execution_options(isolation_level="AUTOCOMMIT")
        self._pushing = primary
        self._lock = threading.Lock()
        self._trouble: tuple[Standing, float] | None = None
        self._is_tried = False

    def open(self, info: dict[Any, Any], patience: float | None = None) -> ReplicaSession:
        """A session of one snapshot that holds all that the primary has committed by now.

        Raises:
            ReplicaFailed: it cannot be had within `patience` seconds (None: as configured).
        """
        try:
            connection, _ = self._caught_up(self.limits.wait_seconds if patience is None else patience)
        except _Unfit as unfit:
            self.refusals += 1
            raise ReplicaFailed(unfit.standing.why) from unfit
        self.snapshots += 1
        reading = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return ReplicaSession(self, reading, info)

    def standing(self) -> Standing:
        """How it stands now, for who watches; while it is left alone, why.

        Raises:
            WorkFailed: the primary cannot be reached.
        """
        try:
            with told_plainly(self._pushing):
                connection, standing = self._caught_up(GRACE_SECONDS)
        except _Unfit as unfit:
            return unfit.standing
        connection.close()
        return standing

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    # ------------------------------------------------------------ left alone for a while

    def _begin(self) -> None:
        """Raise where it is left alone just now. When the time is over, one tries and the others go on as before."""
        with self._lock:
            if self._trouble is None:
                return
            standing, since = self._trouble
            rest = BEHIND_SECONDS if standing.state is State.BEHIND else AWAY_SECONDS
            if self._is_tried or time.monotonic() - since < rest:
                raise _Unfit(standing)
            self._is_tried = True

    def _end(self, trouble: Standing | None) -> None:
        with self._lock:
            self._is_tried = False
            self._trouble = (trouble, time.monotonic()) if trouble else None

    def failed(self, error: Any) -> ReplicaFailed:
        """An error in the middle of reading, told; where the server itself is at fault it is left alone."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        code, is_lost = getattr(cause, "sqlstate", None), getattr(error, "connection_invalidated", False)
        if code == "40001":  # serialization_failure: a statement, or the connection, in the way of recovery
            return ReplicaFailed(CONFLICT)
        why = NOT_ALLOWED if code == "42501" else OTHER.format(code)
        if is_lost or code is None or code.startswith(("57P", "08")):
            why = LOST
        self._end(Standing(State.AWAY, why, one_line(cause)))
        return ReplicaFailed(why)

    # ------------------------------------------------------------ catching up

    def _caught_up(self, patience: float) -> tuple[Connection, Standing]:
        """A connection to it once it has replayed what the primary has committed by now; where not, it is left alone."""
        self._begin()
        trouble = None
        try:
            mark, since = self._mark(), time.monotonic()
            connection = self._connected()
            try:
                return connection, self._wait(connection, mark, since, patience)
            except BaseException:
                connection.close()
                raise
        except _Unfit as unfit:
            trouble = unfit.standing
            raise
        finally:
            self._end(trouble)

    def _connected(self) -> Connection:
        try:
            return self.engine.connect()
        except DBAPIError as error:
            raise _Unfit(Standing(State.AWAY, AWAY, one_line(error.orig))) from error
        except PoolTimeout as error:  # as many reports as there may be connections are being read
            raise _Unfit(Standing(State.AWAY, CROWDED)) from error

    def _mark(self) -> _Mark:
        with self._primary.connect() as connection:
            try:
                place, is_on_disk, *rest = connection.exec_driver_sql(_HERE).one()
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) == "55000":  # it is in recovery itself
                    raise _Unfit(Standing(State.REFUSED, NO_PRIMARY)) from error
                raise
        if not is_on_disk:
            with self._pushing.begin() as connection:
                for statement in _PUSH:
                    connection.exec_driver_sql(statement)
        return _Mark(place, *rest)

    def _wait(self, connection: Connection, mark: _Mark, since: float, patience: float) -> Standing:
        pause = FIRST_LOOK_AFTER
        while True:
            is_replica, is_caught_up, lag_bytes, age, *which = _look(connection, mark)
            if refused := _refused(mark, is_replica, which):
                raise _Unfit(Standing(State.REFUSED, refused))
            if is_caught_up:
                return Standing(State.STREAMING, lag_seconds=0.0, lag_bytes=0)
            waited = time.monotonic() - since
            # One that stood idle is as old as its last commit for a moment: it is given that moment.
            lag = max(waited, age or 0.0)
            is_hopeless = lag > self.limits.max_lag_seconds and waited >= GRACE_SECONDS
            if is_hopeless or waited >= patience:
                raise _Unfit(Standing(State.BEHIND, _lag_words(lag), "", lag, lag_bytes))
            time.sleep(pause)
            pause = min(pause * 2, LAST_LOOK_AFTER)


def _lag_words(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 2 * 60:
        return BEHIND.format(whole)
    return MINUTES_BEHIND.format(whole // 60) if whole < 2 * 3600 else HOURS_BEHIND.format(whole // 3600)


def _look(connection: Connection, mark: _Mark) -> Sequence[Any]:
    try:
        told = connection.exec_driver_sql(_THERE, {"lsn": mark.place}).one()
        connection.rollback()
    except DBAPIError as error:
        raise _Unfit(Standing(State.AWAY, AWAY, one_line(error.orig))) from error
    return told


def _refused(mark: _Mark, is_replica: bool, which: Sequence[Any]) -> str:
    """Why it is none of ours; empty: it is."""
    branch, *whose = which
    if whose != [mark.system, mark.database, mark.schema]:
        return FOREIGN
    if not is_replica:
        return WRITABLE
    return "" if branch == mark.branch else ANOTHER_BRANCH


class Reports:
    """One report being read by one thread: from the replica, and once that failed from the primary to its end."""

    def __init__(self, replica: Replica, patience: float | None) -> None:
        self._replica, self._patience = replica, patience
        self.source: ReadFrom | None = None

    def open(self, info: dict[Any, Any]) -> ReplicaSession | None:
        """A snapshot of the replica; None: read from the primary."""
        if self.source is not None and not self.source.is_replica:
            return None
        try:
            session = self._replica.open(info, self._patience)
        except ReplicaFailed as failed:
            self.give_up(failed.why)
            return None
        self.source = ReadFrom(True)
        return session

    def give_up(self, why: str) -> None:
        """From here on the primary answers."""
        self.source = ReadFrom(False, why)


@contextmanager
def failing_over(session: Session) -> Iterator[None]:
    """An error of the replica's own becomes a `ReplicaFailed`; a session of the primary is none of its business."""
    if not isinstance(session, ReplicaSession):
        yield
        return
    driver: Any = session.replica.engine.dialect.loaded_dbapi
    try:
        yield
    except (DBAPIError, driver.Error) as error:
        raise session.replica.failed(error) from error
