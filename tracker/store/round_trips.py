"""What PostgreSQL is spared on the way to an answer: questions of the driver that nobody asked, and plans made twice.

A page puts a handful of small questions; each way to the server and back, and each plan, costs as much as the answer.
"""

from typing import Any

from sqlalchemy.engine import Engine

IN_TRANSACTION = 2  # libpq: PQTRANS_INTRANS, begun and not failed


def spare(engine: Engine) -> None:
    """Let this engine know by itself whether a connection still stands, and keep what the server has prepared."""
    dialect: Any = engine.dialect
    dialect.do_ping = is_alive
    dialect.do_rollback = end


def is_alive(connection: Any) -> bool:
    """Does the server still hold this idle connection? Known from what lies in the socket, without asking it.

    A server that ends says so or closes; one that vanished without a word is found by the keepalives, as any question would
    find it no sooner.

    Raises:
        psycopg.OperationalError: it does not.
    """
    for _ in range(2):  # what the server said last, then that it closed
        connection.pgconn.consume_input()
    return True


def end(connection: Any) -> None:
    """Take back what a transaction did. One that only read has nothing to take back and is ended as if it had been right:
    at each ROLLBACK the driver forgets its prepared statements, and every question would be planned anew.
    """
    is_whole = connection.pgconn.transaction_status == IN_TRANSACTION
    if is_whole and connection.read_only:
        connection.commit()
    else:
        connection.rollback()
