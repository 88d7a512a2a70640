"""The workplace: notes on dossiers, keys to find dossiers by, targets of units, second factors, tokens and subscriptions of programs."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class DossierNote(Base):
    """What somebody of the office wrote beside a dossier. The text is never edited; it can be taken back, not unsaid."""

    __tablename__ = "dossier_note"
    __table_args__ = (Index("ix_dossier_note_dossier_id", "dossier_id"),)

    id: Mapped[Id]
    dossier_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    text: Mapped[str]
    written_at: Mapped[At]
    withdrawn_at: Mapped[MaybeAt]
    withdrawn_by: Mapped[str]  # login; empty while the note stands


class SearchKey(Base):
    """What an applicant can be found by: the ends of the folded name from each of its words on, and the telephone.

    Derived from `dossier` after it was written (`search_stale`), by a unit so that a desk reads only its own; a rebuild
    gives the same rows. `unit_id` is the unit that works on the dossier, 0 where none is known.
    """

    __tablename__ = "search_key"
    # The key is the whole row: on SQLite it is kept once, not once more beside an index.
    __table_args__ = ({"sqlite_with_rowid": False},)

    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class SearchStale(Base):
    """Dossiers whose search keys have yet to be made anew: written in the step that changed them."""

    __tablename__ = "search_stale"

    id: Mapped[Id]
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)  # inclusive


class UnitTarget(Base):
    """The share of dossiers in time that a unit is asked to reach from a day on. Never edited: the newest of a day governs."""

    __tablename__ = "unit_target"
    __table_args__ = (Index("ix_unit_target_unit_id", "unit_id"),)

    id: Mapped[Id]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # None = every unit without its own
    rate: Mapped[int | None]  # hundredths of a per cent: 9500 = 95 %; None = no target from that day on
    valid_from: Mapped[date]
    document: Mapped[str]  # the decision that sets it
    set_by: Mapped[str]
    set_at: Mapped[At]


class RecoveryCode(Base):
    """A code that stands in once for a lost second factor."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_account_id", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    code_hash: Mapped[str]
    made_at: Mapped[At]
    used_at: Mapped[MaybeAt]


class ApiToken(Base):
    """A secret by which a program calls the API in the name of an account, no further than the scopes it was given."""

    __tablename__ = "api_token"
    __table_args__ = (
        Index("uq_api_token_prefix", "prefix", unique=True),
        Index("ix_api_token_account_id", "account_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str]  # what it is for, in the owner's words
    prefix: Mapped[str]  # the part that may be seen: tells which token it is
    secret_hash: Mapped[str]
    scopes: Mapped[str]  # joined by a space
    made_at: Mapped[At]
    expires_at: Mapped[At]
    last_used_at: Mapped[MaybeAt]  # to the minute
    revoked_at: Mapped[MaybeAt]
    revoked_by: Mapped[str]  # login; empty while it is good


class OfficeEvent(Base):
    """What happened, as other programs are told of it: ids and codes, no personal data. Append-only."""

    __tablename__ = "office_event"
    __table_args__ = (Index("ix_office_event_at", "at"),)

    id: Mapped[Id]
    at: Mapped[At]
    kind: Mapped[str]
    subject: Mapped[str]  # "dossier:CODE", "letter:12", "batch:3"
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # whose; None = nobody's in particular
    body: Mapped[str]  # JSON


class Subscription(Base):
    """Which events a receiver of the configuration (`outbox.webhooks`) is told of."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_receiver", "receiver"),)

    id: Mapped[Id]
    receiver: Mapped[str]  # its name in config.toml; the address stands there alone
    kinds: Mapped[str]  # joined by a space
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # of it and those below; None = all
    made_by: Mapped[str]
    made_at: Mapped[At]
    ended_at: Mapped[MaybeAt]
    ended_by: Mapped[str]  # login; empty while it stands
