"""Citizen ids that are pushed, in whatever field, are found nowhere afterwards: database, log, answers to others, output."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.web.pushing import (
    DOSSIERS,
    EVENTS,
    LOOKUP,
    Sender,
    application,
    dossier,
    event,
    give_key,
    in_process,
    receiving_context,
)
from tests.web.world import StandingContext, at
from tracker.ingest.readers.portal_json import EVENT_FIELDS

CITIZEN = "079203004512"  # made up


@pytest.fixture
def context(tmp_path: Path) -> Iterator[StandingContext]:
    """A receiver that is on."""
    context = receiving_context(tmp_path)
    context.instant = at(10, 8, month=9)
    yield context
    context.store.close()


def told_in_every_field() -> Iterator[dict[str, Any]]:
    """One dossier a field, with the number in it alone, in words, and within lists and objects."""
    attached = {"SoGiayToChuHoSo": CITIZEN, "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": CITIZEN}]}
    fields = [
        *dossier(),
        *attached,
        "CanBoXuLy",
        "ThoiHanGiaiQuyet",
        "LyDoTuChoi",
        "NgayCapNhat",
        "MaHoSoKhac",
        "KhongCo",
    ]
    for number, name in enumerate(fields):
        for form, value in enumerate(
            (CITIZEN, f"số {CITIZEN}, xã A", int(CITIZEN), [CITIZEN], {"a": CITIZEN})
        ):
            yield dossier(**{"MaHoSo": f"A-{number}-{form}", **attached, name: value})
    yield dossier(MaHoSo="A-R", DanhSachHoSoBoSung=[{"NgayBoSung": CITIZEN, "NoiDungBoSung": CITIZEN}])


def steps_in_every_field() -> Iterator[dict[str, Any]]:
    for name in EVENT_FIELDS:
        for value in (CITIZEN, f"số {CITIZEN}", [CITIZEN]):
            yield event("20260811080000", "4", "Xử lý", **{name: value})
            yield event("20260811080000", "4", "Xử lý", **{"MaHoSo": "A-2-0", name: value})


def whole_store(context: StandingContext) -> str:
    """Everything that the database holds, packed columns opened."""
    found = []
    with databases.chosen().asking(context.config.database_url) as ask:
        for table, columns in databases.chosen().columns(ask).items():
            for row in ask(
                f'SELECT {", ".join(f"{chr(34)}{c}{chr(34)}" for c in columns)} FROM "{table}"', ()
            ):
                for value in row:
                    if isinstance(value, bytes | memoryview):
                        try:
                            found.append(zlib.decompress(bytes(value)).decode("utf-8", "replace"))
                        except zlib.error:
                            found.append(bytes(value).hex())
                    else:
                        found.append(str(value))
    return "\n".join(found)


def test_a_citizen_id_in_any_field_of_a_push_is_found_nowhere(
    context: StandingContext,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    caplog.set_level("DEBUG")
    sender = Sender(in_process(application(context)), "mot-cua", give_key(context, "mot-cua"))
    sender.log_in()
    told = list(told_in_every_field())
    answer = sender.call(DOSSIERS, told)
    assert answer.document["read"] == len(told)
    assert answer.document["new"] > 100
    assert answer.document["rejected"] > 50
    steps = list(steps_in_every_field())
    assert sender.call(EVENTS, steps).document["read"] == len(steps)
    sender.call(LOOKUP, mahoso=CITIZEN)
    sender.call(f"x{CITIZEN}", told[:1])
    sender.call(DOSSIERS, told[:1], isUpdating=CITIZEN)
    sender.post(f"/lien-thong/{CITIZEN}", {})
    # What an answer names is redacted as well: senders keep logs of answers.
    assert [each.text for each in sender.heard if CITIZEN in each.text] == []
    everything = whole_store(context)
    assert "A-3-0" in everything
    assert CITIZEN not in everything
    assert CITIZEN not in caplog.text
    assert CITIZEN not in "".join(capfd.readouterr())
    context.store.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if CITIZEN.encode() in path.read_bytes()] == []
