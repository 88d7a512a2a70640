"""Registries hold everything of their kind: what is built in the product is registered, what is asked for is known.

The source is read, not run: an entry that somebody wrote and forgot to register is seen. Each checker is tried on a
doctored copy as well.
"""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from app import outbox_words
from app.jobs import JOBS, job_times
from app.work_kinds import WORK_KINDS
from notifications.channels import configured
from notifications.kinds import MESSAGE_KINDS, ChannelName
from tracker.config import ScheduleConfig
from tracker.store.outbox import EventKind, MessageState

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "tracker", "letters", "notifications")
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for name in PACKAGES
    for path in sorted((ROOT / name).rglob("*.py"))
}


@cache
def parsed(text: str) -> ast.Module:
    """A file of the source, read once."""
    return ast.parse(text)


@cache
def all_calls(text: str) -> tuple[ast.Call, ...]:
    """The calls of a file, looked for once for all tests: that is the long part of each."""
    return tuple(node for node in ast.walk(parsed(text)) if isinstance(node, ast.Call))


def calls(sources: dict[str, str], *names: str) -> Iterator[ast.Call]:
    """Every call of one of these names (functions or classes) in the product."""
    for text in sources.values():
        yield from (node for node in all_calls(text) if _name(node.func) in names)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def argument(call: ast.Call, position: int, keyword: str) -> str | None:
    """A text given to a call by place or name; None where it is no text that stands there."""
    given = next((each.value for each in call.keywords if each.arg == keyword), None)
    if given is None and position < len(call.args):
        given = call.args[position]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


def handlers(sources: dict[str, str], *kinds: str) -> set[tuple[str, str]]:
    """Public functions of `app` with arguments of exactly these annotated kinds, as (module, name)."""
    return {
        (path.removesuffix(".py").replace("/", "."), node.name)
        for path, text in sources.items()
        if path.startswith("app/")
        for node in parsed(text).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if [_name(each.annotation) for each in node.args.args if each.annotation] == list(kinds)
    }


def placed(function: Callable[..., object]) -> tuple[str, str]:
    """A function as `handlers` names it."""
    return function.__module__, function.__name__


# ---------------------------------------------------------------- long work


def kinds_built(sources: dict[str, str]) -> set[str]:
    """The names of all kinds of work that are written down anywhere."""
    return {name for call in calls(sources, "WorkKind") if (name := argument(call, 0, "name"))}


# Where a kind is asked for: the function, and the place of the kind among its arguments.
ASKING = {"WorkRequest": 0, "ask_export": 1, "ask_person": 1, "ask_later": 1, "_worked": 0}


def kinds_asked_for(sources: dict[str, str]) -> set[str]:
    """The kinds that the product asks for, where the kind stands in the call itself."""
    return {
        kind
        for name, position in ASKING.items()
        for call in calls(sources, name)
        if (kind := argument(call, position, "kind"))
    }


def test_every_kind_of_work_that_is_written_down_is_registered():
    assert kinds_built(SOURCES) == set(WORK_KINDS)


def test_every_handler_of_work_is_registered():
    found = handlers(SOURCES, "Grip")
    assert ("app.works.loading", "ingest_files") in found
    assert found == {placed(kind.run) for kind in WORK_KINDS.values()}


def test_every_kind_of_work_that_is_asked_for_is_registered():
    asked = kinds_asked_for(SOURCES)
    assert asked >= {"late_export", "intake_export", "ingest", "draft_letters", "calendar_preview"}
    assert asked <= set(WORK_KINDS)


def test_a_kind_is_registered_under_its_own_name():
    assert {name: kind.name for name, kind in WORK_KINDS.items()} == {name: name for name in WORK_KINDS}


@pytest.mark.parametrize("kind", WORK_KINDS)
def test_a_kind_that_is_left_out_of_the_registry_is_noticed(kind: str):
    doctored = {**SOURCES, "app/forgotten.py": f'KIND = WorkKind("{kind}_2", "Việc quên ghi", run)\n'}
    assert kinds_built(doctored) - set(WORK_KINDS) == {f"{kind}_2"}


@pytest.mark.parametrize(
    "line",
    [
        'work.ask(session, WorkRequest("unknown", key, {}, "an"), now)',
        'ask(session, WorkRequest(kind="unknown", key=key, params={}, asked_by="an"), now)',
        'ask_later(context, "unknown", {})',
        'ask_person(context, kind="unknown", params={})',
    ],
)
def test_asking_for_an_unknown_kind_is_noticed(line: str):
    assert kinds_asked_for({"app/asks.py": line}) == {"unknown"}


# ---------------------------------------------------------------- jobs


def jobs_built(sources: dict[str, str]) -> set[str]:
    """The names of all jobs that are written down anywhere."""
    return {name for call in calls(sources, "Job") if (name := argument(call, 0, "name"))}


def test_every_job_that_is_written_down_is_in_the_schedule_under_its_own_name():
    assert jobs_built(SOURCES) == set(JOBS)
    assert {name: job.name for name, job in JOBS.items()} == {name: name for name in JOBS}


def test_every_handler_of_a_job_is_in_the_schedule():
    found = handlers(SOURCES, "Grip", "date")
    assert ("app.jobs", "seal_log") in found
    assert found == {placed(job.run) for job in JOBS.values()}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_that_is_left_out_of_the_schedule_is_noticed(job: str):
    doctored = {**SOURCES, "app/forgotten.py": f'JOB = Job("{job}_2", "Quên ghi", "03:00", run)\n'}
    assert jobs_built(doctored) - set(JOBS) == {f"{job}_2"}


def test_jobs_come_after_jobs_that_exist_and_at_times_that_exist():
    assert {name for job in JOBS.values() for name in job.after} <= set(JOBS)
    assert {job.name for job in job_times(ScheduleConfig({}, 60)) if job.at} == set(JOBS)


# ---------------------------------------------------------------- messages


def message_kinds_built(sources: dict[str, str]) -> set[str]:
    """The names of all kinds of messages that are written down anywhere."""
    return {name for call in calls(sources, "MessageKind") if (name := argument(call, 0, "name"))}


# Where the kind of a message is first named; the second hands it on from the first.
TELLING = ("OutboxDraft", "Notice")


def message_kinds_put(sources: dict[str, str]) -> set[str | None]:
    """The kinds that the product tells of; a name stands for the constant of its module, None for what cannot be told."""
    found = set()
    for text in sources.values():
        constants = {
            target.id: node.value.value
            for node in parsed(text).body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in calls({"": text}, *TELLING):
            given = next((each.value for each in call.keywords if each.arg == "kind"), None) or call.args[0]
            if isinstance(given, ast.Attribute) and given.attr == "kind":
                continue  # handed on
            found.add(constants.get(given.id) if isinstance(given, ast.Name) else argument(call, 0, "kind"))
    return found


def test_every_kind_of_message_that_is_written_down_is_registered_under_its_name():
    assert message_kinds_built(SOURCES) == set(MESSAGE_KINDS)
    assert {name: kind.name for name, kind in MESSAGE_KINDS.items()} == {name: name for name in MESSAGE_KINDS}


def test_every_kind_of_message_that_is_put_is_registered_and_can_be_told_from_the_source():
    put = message_kinds_put(SOURCES)
    assert {"letter_delivery", "audit_seal", "watchdog"} <= put
    assert put <= set(MESSAGE_KINDS)


@pytest.mark.parametrize(
    "line",
    [
        'OutboxDraft("unknown", key, "email", to)',
        'K = "unknown"\nOutboxDraft(kind=K, key=key, channel="email")',
    ],
)
def test_putting_an_unknown_kind_of_message_is_noticed(line: str):
    assert message_kinds_put({"app/puts.py": line}) == {"unknown"}


def test_every_channel_can_be_made_and_every_state_and_step_has_its_words():
    assert set(configured._MAKERS) == set(ChannelName)
    assert set(outbox_words.STATES) == set(MessageState)
    assert set(outbox_words.CHANNELS) == set(ChannelName)
    assert set(outbox_words.STEPS) == set(EventKind)
