"""config.toml and the environment -> one frozen Config; every fault is reported at once, in the user's words."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from tracker.config_keys import KEYS, LATER, Check
from tracker.config_sense import backup_key_in, contradictions, pull_secret_of, retention_of
from tracker.errors import ConfigurationError
from tracker.log_config import LogConfig, log_of
from tracker.machine import why
from tracker.reports_config import ReportsConfig, reports_of
from tracker.secret_files import with_files

DATABASE_URL_VARIABLE = "DUNGHEN_DATABASE_URL"
MAIL_PASSWORD_VARIABLE = "DUNGHEN_MAIL_PASSWORD"
PACK_KEY_PASSPHRASE_VARIABLE = "DUNGHEN_PACK_KEY_PASSPHRASE"
GATEWAY_TOKEN_VARIABLE = "DUNGHEN_GATEWAY_TOKEN"
GATEWAY_RECEIPT_VARIABLE = "DUNGHEN_GATEWAY_RECEIPT_SECRET"
# Followed by the webhook's name in capitals.
WEBHOOK_SECRET_VARIABLE = "DUNGHEN_WEBHOOK_SECRET_"
# "name=address name=address": such addresses hold passwords.
APPRISE_VARIABLE = "DUNGHEN_APPRISE_URLS"
SIGN_ON_SECRET_VARIABLE = "DUNGHEN_SIGN_ON_SECRET"


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Where the web application listens and how it guards its accounts; times in minutes."""

    host: str
    port: int
    allowed_hosts: tuple[str, ...]
    session_minutes: int
    session_hours: int
    failed_logins_before_lock: int
    lock_minutes: int
    trusted_proxies: tuple[str, ...]
    public_url: str
    second_factor_roles: frozenset[str]  # who must have a second factor before anything else
    has_password_login: bool  # where not, administrators alone log in by password
    remembered_mib: int  # what a process keeps of answers that it worked out
    most_mib: int  # beyond so much memory a process begins anew; 0 = never


@dataclass(frozen=True, slots=True)
class SignOnConfig:
    """The identity provider (OpenID Connect) that people may log in by; without an issuer there is none."""

    issuer: str
    client_id: str
    label: str
    hosts: frozenset[str]  # of the provider, beside the issuer's own
    trusts_second_factor: bool
    secret: str = field(repr=False)

    @property
    def is_on(self) -> bool:
        """May people log in by it?"""
        return bool(self.issuer)


@dataclass(frozen=True, slots=True)
class BackupConfig:
    """Where the nightly backups lie, how many good ones are kept, and the key they are encrypted with (None: they are not)."""

    folder: Path
    kept: int
    key_file: Path | None


@dataclass(frozen=True, slots=True)
class PrivacyConfig:
    """How long personal data of ended dossiers are kept: (first day of the end, years); the newest rule before an end governs.

    Without any rule nothing is ever past its time.
    """

    keep_years: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class WorkConfig:
    """How long work is claimed, retried and kept."""

    lease_seconds: int
    max_attempts: int
    retry_seconds: int
    keep_days: int


@dataclass(frozen=True, slots=True)
class MailConfig:
    """The office's own mail server; without a host no mail is sent. The password comes from the environment."""

    host: str
    port: int
    security: str  # starttls, tls, none
    user: str
    sender: str
    timeout_seconds: int
    per_minute: int
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """An HTTP gateway for SMS or Zalo; off until somebody switches it on."""

    is_on: bool
    url: str
    recipient_field: str
    text_field: str
    timeout_seconds: int
    token: str = field(repr=False)
    receipt_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """A system of the office that is told by a signed call."""

    name: str
    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutboxConfig:
    """How often a message is tried, and where else it may go: apprise addresses come by name from the environment."""

    max_attempts: int
    webhooks: tuple[WebhookTarget, ...]
    apprise: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScheduleConfig:
    """Jobs whose time the office changed ("HH:MM" by name, or "off"), and how long the one scheduler is believed alive."""

    times: Mapping[str, str]
    lease_seconds: int


@dataclass(frozen=True, slots=True)
class DeadlineConfig:
    """When a dossier counts as due soon: working days left, and share of its limit."""

    due_soon_days: int
    due_soon_share: Fraction


@dataclass(frozen=True, slots=True)
class IngestConfig:
    """Bounds of reading a file, the folders that are watched: (key of the source, folder), and whose times are UTC."""

    chunk_rows: int
    max_file_mib: int
    max_upload_mib: int = 256
    watch: tuple[tuple[str, Path], ...] = ()
    utc_sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SourcesConfig:
    """Whose values stand where several sources tell of one dossier, and what is not taken in from which source."""

    order: tuple[str, ...]
    leave_out: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class ConnectorConfig:
    """A system that we ask for its dossiers: how it is spoken to, where, and the source that its codes belong to.

    `group`: the site within an OpenCPS system; empty elsewhere.
    """

    name: str
    kind: str
    url: str
    source: str
    group: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PullConfig:
    """Whom to ask for dossiers, and the bounds of each call."""

    connectors: tuple[ConnectorConfig, ...]
    page_size: int
    answer_seconds: int
    max_answer_mib: int
    tries: int
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class ReceiverConfig:
    """What systems that push may do: off until the office says so; size of a call, calls a minute and key, length of a session."""

    is_on: bool
    max_body_mib: int
    per_minute: int
    session_minutes: int


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """What programs with a token may do: whether at all, calls a minute and token, lines of a page at most."""

    is_on: bool
    per_minute: int
    max_page: int


@dataclass(frozen=True, slots=True)
class LetterConfig:
    """What an office sets for its apology letters; days are working days.

    `by_experience`: the new date follows what the unit's late dossiers took, where it is further away.
    `letters_from`: dossiers that ended before this day owe nothing unless a person opens them; None = all do.
    `check_address`: where the public finds the page that checks letters; empty: no code to scan is printed.
    `office_program`: LibreOffice, for PDF; empty: the one that the machine has, if any.
    """

    reappointment_days: int
    by_experience: bool
    letters_from: date | None
    paper: str
    stuck_days: int
    check_address: str
    has_public_list: bool
    office_program: str


@dataclass(frozen=True, slots=True)
class AlertConfig:
    """By which due date alerts are made, when the digest goes ("HH:MM"), how many urgent messages a day go to one person,
    how often open dossiers are looked at in office hours, and from how many newly overdue a load is told as a whole.
    """

    basis: str
    digest_at: str
    urgent_cap: int
    every_minutes: int
    flood_over: int


@dataclass(frozen=True, slots=True)
class PackKeyConfig:
    """Where the private key that signs evidence packs lies, and what it is encrypted with (empty: with nothing)."""

    file: Path
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a person may tune."""

    path: Path
    data_dir: Path
    database_url: str = field(repr=False)  # may hold a password
    reports: ReportsConfig
    backup: BackupConfig
    privacy: PrivacyConfig
    calendar_key: str
    web: WebConfig
    sign_on: SignOnConfig
    deadlines: DeadlineConfig
    ingest: IngestConfig
    sources: SourcesConfig
    pull: PullConfig
    receiver: ReceiverConfig
    api: ApiConfig
    letters: LetterConfig
    alerts: AlertConfig
    score_edition: str
    small_denominator: int  # a rate of fewer dossiers is marked as that of a small sample
    work: WorkConfig
    mail: MailConfig
    gateway: GatewayConfig
    outbox: OutboxConfig
    schedule: ScheduleConfig
    seal_to: tuple[str, ...]  # who receives the daily seal of the log by mail
    pack_key: PackKeyConfig
    log: LogConfig


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read and check the file at `path`; the database URL of the environment goes before the file's.

    Raises:
        ConfigurationError: with every fault found: unreadable file, unknown or missing key, wrong type or range.
    """
    values = _checked(_flat(_read(path)), path)
    env = with_files(os.environ if environment is None else environment)
    data_dir = (path.parent / values["store.data_dir"]).resolve()
    return Config(
        path=path,
        data_dir=data_dir,
        database_url=env.get(DATABASE_URL_VARIABLE) or values["store.database_url"] or _sqlite_in(data_dir),
        reports=reports_of(values, env),
        backup=BackupConfig(
            data_dir / values["store.backup_dir"].strip(),
            values["store.backups_kept"],
            backup_key_in(values, path),
        ),
        privacy=PrivacyConfig(retention_of(values)),
        calendar_key=values["calendar.key"],
        web=_web(values),
        sign_on=_sign_on(values, env),
        deadlines=DeadlineConfig(
            values["deadlines.due_soon_days"], Fraction(str(values["deadlines.due_soon_share"]))
        ),
        ingest=_ingest(values, data_dir),
        sources=_sources(values),
        pull=_pull(values, env),
        receiver=ReceiverConfig(
            values["receiver.enabled"],
            values["receiver.max_body_mib"],
            values["receiver.per_minute"],
            values["receiver.session_minutes"],
        ),
        api=ApiConfig(values["api.enabled"], values["api.per_minute"], values["api.max_page"]),
        letters=_letters(values),
        alerts=AlertConfig(**{name: values[f"alerts.{name}"] for name in ALERT_KEYS}),
        score_edition=values["score.edition"],
        small_denominator=values["figures.small_denominator"],
        work=WorkConfig(**{name: values[f"work.{name}"] for name in WORK_KEYS}),
        mail=MailConfig(
            **{name: values[f"mail.{name}"] for name in MAIL_KEYS},
            password=env.get(MAIL_PASSWORD_VARIABLE, ""),
        ),
        gateway=_gateway(values, env),
        outbox=_outbox(values, env),
        schedule=ScheduleConfig(
            dict(entry.split(" ", 1) for entry in values["schedule.times"]), values["schedule.lease_seconds"]
        ),
        seal_to=tuple(values["audit.seal_to"]),
        pack_key=PackKeyConfig(
            data_dir / values["audit.key_file"].strip(), env.get(PACK_KEY_PASSPHRASE_VARIABLE, "")
        ),
        log=log_of(values, data_dir),
    )


WORK_KEYS = ("lease_seconds", "max_attempts", "retry_seconds", "keep_days")
MAIL_KEYS = ("host", "port", "security", "user", "sender", "timeout_seconds", "per_minute")
ALERT_KEYS = ("basis", "digest_at", "urgent_cap", "every_minutes", "flood_over")
PULL_KEYS = ("page_size", "answer_seconds", "max_answer_mib", "tries", "wait_seconds")


def _gateway(values: Mapping[str, Any], env: Mapping[str, str]) -> GatewayConfig:
    return GatewayConfig(
        is_on=values["gateway.enabled"],
        url=values["gateway.url"],
        recipient_field=values["gateway.recipient_field"],
        text_field=values["gateway.text_field"],
        timeout_seconds=values["gateway.timeout_seconds"],
        token=env.get(GATEWAY_TOKEN_VARIABLE, ""),
        receipt_secret=env.get(GATEWAY_RECEIPT_VARIABLE, ""),
    )


def _ingest(values: Mapping[str, Any], data_dir: Path) -> IngestConfig:
    named = [entry.split("=", 1) for entry in values["ingest.watch"]]
    watch = tuple((source, data_dir / folder.strip()) for source, folder in named)
    return IngestConfig(
        values["ingest.chunk_rows"],
        values["ingest.max_file_mib"],
        values["ingest.max_upload_mib"],
        watch,
        frozenset(values["ingest.utc_sources"]),
    )


def _sources(values: Mapping[str, Any]) -> SourcesConfig:
    named = [entry.split(":", 1) for entry in values["sources.leave_out"]]
    return SourcesConfig(
        tuple(values["sources.order"]), {key: frozenset(fields.split()) for key, fields in named}
    )


def _pull(values: Mapping[str, Any], env: Mapping[str, str]) -> PullConfig:
    named = [entry.split(" ") for entry in values["pull.connectors"]]
    connectors = tuple(
        ConnectorConfig(name, kind, url, source, "".join(group), env.get(pull_secret_of(name), ""))
        for name, kind, url, source, *group in named
    )
    return PullConfig(connectors, **{name: values[f"pull.{name}"] for name in PULL_KEYS})


def _outbox(values: Mapping[str, Any], env: Mapping[str, str]) -> OutboxConfig:
    named = [entry.split("=", 1) for entry in values["outbox.webhooks"]]
    targets = tuple(WebhookTarget(name, url, env.get(_secret_of(name), "")) for name, url in named)
    others = dict(entry.split("=", 1) for entry in env.get(APPRISE_VARIABLE, "").split() if "=" in entry)
    return OutboxConfig(values["outbox.max_attempts"], targets, others)


def _secret_of(webhook: str) -> str:
    return WEBHOOK_SECRET_VARIABLE + webhook.upper().replace("-", "_")


def _sqlite_in(data_dir: Path) -> str:
    return f"sqlite:///{(data_dir / 'dunghen.sqlite3').as_posix()}"


def _letters(values: Mapping[str, Any]) -> LetterConfig:
    begun = values["letters.letters_from"]
    return LetterConfig(
        reappointment_days=values["letters.reappointment_days"],
        by_experience=values["letters.by_experience"],
        letters_from=date.fromisoformat(begun) if begun else None,
        paper=values["letters.paper"],
        stuck_days=values["letters.stuck_days"],
        check_address=values["letters.check_address"].rstrip("/"),
        has_public_list=values["letters.public_list"],
        office_program=values["letters.office_program"].strip(),
    )


def _web(values: Mapping[str, Any]) -> WebConfig:
    return WebConfig(
        host=values["web.host"],
        port=values["web.port"],
        allowed_hosts=tuple(values["web.allowed_hosts"]),
        session_minutes=values["web.session_minutes"],
        session_hours=values["web.session_hours"],
        failed_logins_before_lock=values["web.failed_logins_before_lock"],
        lock_minutes=values["web.lock_minutes"],
        trusted_proxies=tuple(values["web.trusted_proxies"]),
        public_url=values["web.public_url"].rstrip("/"),
        second_factor_roles=frozenset(values["web.second_factor_roles"]),
        has_password_login=values["web.password_login"],
        remembered_mib=values["web.remembered_mib"],
        most_mib=values["web.most_mib"],
    )


def _sign_on(values: Mapping[str, Any], env: Mapping[str, str]) -> SignOnConfig:
    return SignOnConfig(
        issuer=values["sign_on.issuer"].strip(),
        client_id=values["sign_on.client_id"].strip(),
        label=values["sign_on.label"].strip(),
        hosts=frozenset(host.lower() for host in values["sign_on.hosts"]),
        trusts_second_factor=values["sign_on.trusts_second_factor"],
        secret=env.get(SIGN_ON_SECRET_VARIABLE, ""),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # editors of Windows put a mark in front
    except OSError as error:
        raise ConfigurationError([f"không đọc được tệp {path}: {why(error)}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"tệp {path} không đúng cú pháp TOML: {error}"]) from error


def _flat(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{section}.{key}": value
        for section, content in tree.items()
        for key, value in (content.items() if isinstance(content, dict) else {"": content}.items())
    }


def _checked(given: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    given = {**LATER, **given}
    faults = [f"{path}: không có mục nào tên [{key.replace('.', '] ')}" for key in given if key not in KEYS]
    faults += [f"{path}: thiếu {_name(key)} (cần {KEYS[key][2]})" for key in KEYS if key not in given]
    faults += [
        f"{path}: {_name(key)} = {given[key]!r}: cần {KEYS[key][2]}"
        for key in KEYS
        if key in given and not _fits(given[key], KEYS[key])
    ]
    faults = faults or contradictions(given, path)
    if faults:
        raise ConfigurationError(faults)
    return given


def _name(key: str) -> str:
    return "[{}] {}".format(*key.split(".", 1))


def _fits(value: Any, check: Check) -> bool:
    kind, holds, _wanted = check
    if isinstance(value, bool) is not (kind is bool):
        return False
    value = float(value) if kind is float and isinstance(value, int) else value
    return isinstance(value, kind) and holds(value)
