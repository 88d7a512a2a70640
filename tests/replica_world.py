"""A primary of our own and a real second server that streams from it, for the tests of reports from a replica."""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from time import sleep
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import make_url

from tests import postgres
from tests.databases import furnish, libpq
from tests.postgres import Server
from tracker.store.replica import ReplicaLimits
from tracker.store.session import Store, open_store

DATABASE = "dunghen"
# Long enough for a busy machine; a test in which the replica does not catch up says fewer itself.
PATIENT = ReplicaLimits(60.0, 3600.0)
HASTY = ReplicaLimits(0.3, 3600.0)


class Pair:
    """Two servers, the second a hot standby of the first; furnished once."""

    def __init__(self) -> None:
        self._slots = count(1)
        self.primary = postgres.start()
        try:
            with self.asking(self.primary, "postgres") as connection:
                connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'")
            furnish(self.url(self.primary))
            self.replica = self.another()
        except BaseException:
            self.primary.stop()
            raise

    def another(self) -> Server:
        """One more replica."""
        return postgres.replica_of(self.primary, slot=f"slot_{next(self._slots)}")

    @staticmethod
    def url(server: Server, **parts: Any) -> str:
        """The address of the office's database on a server."""
        url = make_url(server.url).set(database=DATABASE).set(**parts)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def store(self, limits: ReplicaLimits = PATIENT, *, reports_url: str = "") -> Iterator[Store]:
        """The store with its replica, or with another server in its place."""
        url = reports_url or self.url(self.replica)
        with closing(open_store(self.url(self.primary), reports_url=url, limits=limits)) as store:
            yield store

    @staticmethod
    @contextmanager
    def asking(server: Server, database: str = DATABASE) -> Iterator[psycopg.Connection[Any]]:
        """A connection of one's own."""
        reach = conninfo_to_dict(libpq(server.url))
        with psycopg.connect(make_conninfo(**{**reach, "dbname": database}), autocommit=True) as connection:
            yield connection

    def on_replica(self, statement: str) -> None:
        """Tell the replica something."""
        with self.asking(self.replica) as connection:
            connection.execute(statement)

    def crash(self, server: Server) -> None:
        """End it without a farewell, and start it again on the same data; back when it answers."""
        server.restart()
        for _ in range(1200):
            try:
                with self.asking(server):
                    return
            except psycopg.OperationalError:
                sleep(0.05)

    @contextmanager
    def lagging(self) -> Iterator[None]:
        """It receives what the primary commits, and replays nothing of it."""
        self.on_replica("SELECT pg_wal_replay_pause()")
        with self.asking(self.primary) as connection:
            connection.execute("SELECT pg_logical_emit_message(true, 'test', '')")
        try:
            yield
        finally:
            self.on_replica("SELECT pg_wal_replay_resume()")

    def stop(self) -> None:
        """End both; nobody needs what they hold, so neither writes it down."""
        for server in (self.replica, self.primary):
            if server.process is not None:
                server.process.send_signal(signal.SIGQUIT)
                server.process.wait()
            server.stop()
