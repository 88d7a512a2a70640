"""`dunghen outbox`: what waits to be sent, what became of it, what a person decides, and receipts that came by mail."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from app.commands.shared import OPERATOR, note_act
from app.context import AppContext, finish
from app.options import Command, common_options
from app.outbox_actions import DECISIONS, decide
from app.outbox_words import CHANNELS, STATES, STEPS
from notifications.kinds import MESSAGE_KINDS, ChannelName
from notifications.masking import masked
from notifications.receipts import UnreadableMail, mail_receipts, note_receipt
from tracker.errors import UnusableFile, UsageError
from tracker.machine import why
from tracker.store import outbox_queries
from tracker.store.outbox import EventKind, MessageState
from tracker.store.outbox_queries import OutboxLine
from tracker.store.outbox_receipts import Receipt

# A delivery report carries headers only; what is larger is none.
LARGEST_MAIL = 10 * 1024 * 1024
# The folders of a Maildir that hold mails.
MAIL_FOLDERS = ("new", "cur")


@click.group("outbox")
def outbox() -> None:
    """Hàng đợi gửi đi: xem, gửi lại, bỏ qua, xác nhận; đọc báo phát."""


@outbox.command("list")
@click.option(
    "--state", type=click.Choice([state.value for state in MessageState]), help="Chỉ một trạng thái."
)
@click.option("--channel", type=click.Choice([name.value for name in ChannelName]), help="Chỉ một kênh.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Số dòng nhiều nhất."
)
@common_options
@click.pass_obj
def list_command(context: AppContext, state: str | None, channel: str | None, limit: int) -> None:
    """Các thông báo mới nhất; địa chỉ người nhận luôn được che."""
    with context.store.read() as session:
        found = outbox_queries.list_messages(session, state=state, channel=channel, limit=limit)
        counts = outbox_queries.counts_by_state(session)
        faults = outbox_queries.channel_faults(session)
    document = {
        "counts": {each.value: counts.get(each.value, 0) for each in MessageState},
        "faults": [
            {"channel": f.channel, "code": f.fault_code, "message": f.fault, "count": f.count} for f in faults
        ],
        "rows": [row_json(line) for line in found],
    }
    context.answer(
        document, "\n".join(row_line(line) for line in found) or "Hàng đợi không có thông báo nào."
    )
    finish(1 if counts.get(MessageState.UNSURE) or counts.get(MessageState.DEAD) else 0)


@outbox.command("show")
@click.argument("message_id", type=int, metavar="SỐ")
@click.option("--mask", is_flag=True, help="Che địa chỉ người nhận.")
@common_options
@click.pass_obj
def show_command(context: AppContext, message_id: int, mask: bool) -> None:
    """Một thông báo với từng bước của nó; lời của thông báo gửi người dân không hiện."""
    with context.store.read() as session:
        row = outbox_queries.find_message(session, message_id)
        events = outbox_queries.events_of(session, message_id)
    if row is None:
        raise UsageError(f"không có thông báo số {message_id}")
    note_act(context, "view", f"message:{message_id}", {"masked": mask})
    recipient = masked(row.channel, row.recipient) if mask else row.recipient
    kind = MESSAGE_KINDS.get(row.kind)
    document = {
        "id": row.id, "kind": row.kind, "channel": row.channel, "recipient": recipient, "cause": row.cause,
        "state": row.state, "attempts": row.attempts, "created_at": row.created_at.isoformat(),
        "not_before": row.not_before.isoformat(), "fault": row.fault, "fault_code": row.fault_code,
        "text": row.text if kind is not None and kind.is_impersonal else None,
        "events": [{"at": e.at.isoformat(), "kind": e.kind, "detail": e.detail} for e in events],
    }  # fmt: skip
    lines = [f"{e.at:%d/%m/%Y %H:%M:%S}  {STEPS[EventKind(e.kind)]}  {e.detail}".rstrip() for e in events]
    head = f"Số {row.id}: {STATES[MessageState(row.state)].word}, {row.kind}, {row.channel} -> {recipient}"
    context.answer(document, "\n".join([head, *([row.fault] if row.fault else []), *lines]))


def _deciding(name: str) -> click.Command:
    """A command for one of the things that a person may decide."""
    decision = DECISIONS[name]

    @click.command(name, help=f"{decision.word}: {decision.will[0].lower()}{decision.will[1:]}")
    @click.argument("message_id", type=int, metavar="SỐ")
    @common_options
    @click.pass_obj
    def command(context: AppContext, message_id: int) -> None:
        decide(context.store, decision, message_id, actor=OPERATOR, now=context.now())
        answer = {"id": message_id, "state": decision.state.value}
        context.answer(answer, f"Thông báo số {message_id}: {STATES[decision.state].word}.")

    return command


for _name in DECISIONS:
    outbox.add_command(_deciding(_name))


@outbox.command("receipts")
@click.argument("path", type=click.Path(path_type=Path), metavar="TỆP.eml|MAILDIR")
@common_options
@click.pass_obj
def receipts_command(context: AppContext, path: Path) -> None:
    """Đọc thư báo phát (đã đến, bị trả lại) từ một tệp thư hoặc một Maildir; đọc lại lần nữa không đổi gì."""
    counted = Counter[str]()
    for file in _mails(path):
        counted["read"] += 1
        try:
            found = _receipts_in(file)
        except UnusableFile as fault:  # one mail must not keep the reports of all others from being read
            context.progress(str(fault))
            counted["unusable"] += 1
            continue
        for receipt in found:
            with context.store.transaction() as session:
                received = note_receipt(session, receipt, context.now())
            counted[received.value] += 1
    document = {name: counted[name] for name in ("read", "noted", "known", "no_message", "unusable")}
    note_act(context, "outbox_receipts", "mail", document)
    context.answer(
        document,
        f"Đọc {document['read']} thư: ghi {document['noted']} báo phát, {document['known']} đã ghi từ trước, "
        f"{document['no_message']} không thuộc thông báo nào, {document['unusable']} thư không đọc được.",
    )
    finish(1 if document["unusable"] else 0)


def _receipts_in(file: Path) -> list[Receipt]:
    try:
        return mail_receipts(_bytes_of(file))
    except UnreadableMail:
        raise UnusableFile(str(file), "thư lồng quá nhiều lớp") from None


def _mails(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    folders = [path / name for name in MAIL_FOLDERS if (path / name).is_dir()]
    if not folders:
        raise UnusableFile(str(path), "không phải là tệp thư, cũng không phải Maildir")
    for folder in folders:
        yield from sorted(file for file in folder.iterdir() if file.is_file())


def _bytes_of(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_MAIL:
            raise UnusableFile(str(file), "thư quá lớn")
        return file.read_bytes()
    except OSError as error:
        raise UnusableFile(str(file), why(error)) from error


def row_json(line: OutboxLine) -> dict[str, object]:
    """One message of a list; where it goes is masked."""
    return {
        "id": line.message_id, "kind": line.kind, "channel": line.channel,
        "recipient": masked(line.channel, line.recipient), "cause": line.cause, "state": line.state,
        "created_at": line.created_at.isoformat(), "not_before": line.not_before.isoformat(),
        "sent_at": line.sent_at.isoformat() if line.sent_at else None, "attempts": line.attempts,
        "fault": line.fault, "fault_code": line.fault_code,
    }  # fmt: skip


def row_line(line: OutboxLine) -> str:
    """The same for people."""
    state, channel = STATES[MessageState(line.state)].word, CHANNELS[ChannelName(line.channel)]
    told = (
        f"{line.message_id:>6}  {state:<26}{channel:<20}{masked(line.channel, line.recipient):<30}{line.kind}"
    )
    return f"{told}  {line.fault}".rstrip()


COMMANDS: list[Command] = [outbox]
