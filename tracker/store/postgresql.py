"""How a PostgreSQL server is spoken to: connections that say who they are, how long they wait, and which servers will do."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, create_engine, event
from sqlalchemy.engine import Connection, Engine

from tracker.errors import ConfigurationError
from tracker.store.round_trips import spare

# Milliseconds a writer waits for another before it gives up.
BUSY_TIMEOUT_MS = 30_000
CONNECT_SECONDS = 10
# The oldest release that its makers still mend and that the tests run on.
OLDEST_POSTGRESQL = 15


def opened(
    address: URL, *, isolation_level: Any = "READ COMMITTED", network: Mapping[str, int] | None = None
) -> Engine:
    """The engine of a server; `network`: other limits of waiting for it (libpq's names)."""
    usual = {
        "connect_timeout": CONNECT_SECONDS,
        "client_encoding": "utf8",
        "application_name": "dunghen",
        # A server that vanished without a word is noticed within two minutes, not two hours.
        "keepalives_idle": 60,
        "keepalives_interval": 15,
        "keepalives_count": 4,
        **(network or {}),
    }
    options = {name: value for name, value in usual.items() if name not in address.query}
    engine = create_engine(
        address,
        connect_args=options,
        pool_pre_ping=True,
        pool_use_lifo=True,  # the same few connections work, and know their statements
        isolation_level=isolation_level,
        hide_parameters=True,
    )
    spare(engine)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("lasting", True):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _prepare(connection: Any, _record: Any) -> None:
    faults = []
    if connection.info.server_version < OLDEST_POSTGRESQL * 10_000:
        version = connection.info.server_version // 10_000
        faults.append(f"máy chủ là PostgreSQL {version}; cần phiên bản {OLDEST_POSTGRESQL} trở lên")
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        faults.append(f"cơ sở dữ liệu có bảng mã {encoding}; cần UTF8")
    if faults:
        connection.close()
        raise ConfigurationError(faults)
    connection.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    # Compiling a query costs more than it saves here: letters due of 350,000 fresh dossiers in 2.9 s instead of 5.7 s.
    connection.execute("SET jit = off")
    connection.commit()
