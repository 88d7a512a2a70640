"""One random run of the reliability benchmark on the database of this run; and its counting sees what it has to see.

`make bench-reliability` makes two hundred of them on each database: docs/reliability.md.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from benchmarks.reliability_run import DAYS, FAULTS, Run
from benchmarks.reliability_toys import JOBS, SENDER, STEPS
from notifications.channels.mail import message_id
from notifications.channels.webhook import call_id
from tests import databases
from tests.flows.office import ROOT

SEED = 42
DAYS_RUN = [date(2026, 8, day) for day in range(24, 24 + DAYS)]
RUNS = [(job, day) for day in DAYS_RUN for job in JOBS]
EFFECTS = ["item:0", *(f"step:0:{step}" for step in range(STEPS)), *(f"job:{job}:{day}" for job, day in RUNS)]


def test_a_random_run_under_kills_loses_and_doubles_nothing(tmp_path: Path):
    told = tmp_path / "outcome.json"
    kind = databases.chosen().name
    command = ["--runs", "1", "--seed", str(SEED), "--database", kind, "--json", str(told)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reliability", *command],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (outcome,) = json.loads(told.read_text("utf-8"))[kind]
    assert outcome["kills"] > 0
    assert outcome["effects"] > 20
    assert outcome["taken"] > 10


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run that has asked for one piece of each kind of work, and has only to count."""
    run = Run(tmp_path, "sqlite://", SEED)
    run.asked.update(toy=1, steps=1)
    yield run
    run.listening.close()


def faults(run: Run) -> dict[str, list[str]]:
    return {name: found for name in FAULTS if (found := getattr(run.outcome, name))}


def test_what_was_done_once_and_in_order_has_no_fault(run: Run):
    run._count_effects(EFFECTS, RUNS)
    assert faults(run) == {}


@pytest.mark.parametrize(
    ("effects", "runs", "found"),
    [
        (EFFECTS[1:], RUNS, {"lost": ["item:0"]}),
        ([*EFFECTS, "step:0:3"], RUNS, {"doubled": ["step:0:3"]}),
        ([*EFFECTS, "item:7"], RUNS, {"broken": ["effect that nobody asked for: item:7"]}),
        (EFFECTS, [*RUNS, RUNS[0]], {"doubled": ["run of toy-first"]}),
        (
            [*EFFECTS[:-2], EFFECTS[-1], EFFECTS[-2]],
            RUNS,
            {"broken": [f"jobs of {DAYS_RUN[-1]} in the wrong order"]},
        ),
    ],
    ids=["lost", "doubled", "unasked", "run twice", "order"],
)
def test_a_fault_of_work_is_seen(run: Run, effects, runs, found):
    run._count_effects(effects, runs)
    assert faults(run) == found


@pytest.mark.parametrize(
    ("state", "book", "found"),
    [
        ("sent", ["taken"], {}),
        ("sent", [], {"lost": ["mail email:item:0"]}),
        ("sent", ["taken", "taken"], {"doubled": ["mail email:item:0"]}),
        ("unsure", [], {}),
        ("unsure", ["taken"], {}),
        ("unsure", ["taken", "taken"], {"doubled": ["mail email:item:0"]}),
        ("dead", ["refused"], {}),
        ("dead", [], {"broken": ["mail email:item:0 dead"]}),
        ("dead", ["taken", "refused"], {"broken": ["mail email:item:0 dead"]}),
        ("waiting", [], {"broken": ["mail email:item:0 waiting"]}),
    ],
)
def test_a_mail_is_judged_by_what_the_server_wrote_down(run: Run, state: str, book: list[str], found):
    number = message_id("email:item:0", SENDER)
    run.book.write_text("".join(f"{what} {number}\n" for what in book))
    run._count_mails({"email:item:0": state})
    assert faults(run) == found


def test_messages_without_a_cause_and_causes_without_their_messages_are_seen(run: Run):
    run._count_messages({"email:item:0": "sent", "in_app:item:0": "sent", "email:item:1": "sent"}, {"item:0"})
    assert faults(run) == {
        "lost": ["webhook:item:0 was never put"],
        "broken": ["email:item:1 without its cause"],
    }


def test_a_mail_or_call_that_nobody_put_is_seen(run: Run):
    run.book.write_text("taken <unknown@office.example>\n")
    run.call_book.write_text("taken msg_unknown\n")
    run._count_mails({})
    run._count_calls({})
    assert faults(run) == {
        "broken": ["mail that nobody put: <unknown@office.example>", "call that nobody put: msg_unknown"]
    }


def test_a_call_may_come_twice_and_has_to_come_once(run: Run):
    run.call_book.write_text(f"taken {call_id('webhook:item:0')}\n" * 2)
    run._count_calls({"webhook:item:0": "sent", "webhook:item:1": "sent", "webhook:item:2": "dead"})
    assert faults(run) == {
        "lost": ["call webhook:item:1", "call webhook:item:2"],
        "broken": ["call webhook:item:2 dead"],
    }


def test_a_message_in_the_program_is_there_once(run: Run):
    run._count_inbox(
        {"in_app:a": "sent", "in_app:b": "delivered", "in_app:c": "waiting"},
        Counter({"in_app:a": 2, "in_app:b": 1}),
    )
    assert faults(run) == {
        "lost": ["message in_app:c"],
        "doubled": ["message in_app:a"],
        "broken": ["message in_app:c waiting"],
    }
