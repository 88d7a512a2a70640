"""The page of evidence packs: made by a worker and masked, taken with an entry, checked when somebody brings one."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.pack_samples import KEY, OTHER_KEY, Sample, flipped, members_of, span_of
from tests.web.conftest import token
from tests.web.packed import MASKED, NAMED
from tests.web.test_reconciling_page import acts, of_unit
from tests.web.works import done
from tests.web.world import NAME, OVERDUE_B, StandingContext
from tracker.measures import pack_format as form

pytestmark = pytest.mark.sqlite_only("what the store answers is tried on both databases in tests/flows")

ADDRESS = "/kiem-tra/goi/"
PERIOD = {"tu": "01/06/2026", "den": "23/08/2026"}
Login = Callable[[str], FlaskClient]


def own_key(context: StandingContext) -> None:
    """The private half of the key that the world's register has in use."""
    from app.pack_keys import _write

    _write(context.config.pack_key.file, KEY, "")


def sent(client: FlaskClient, path: Path, **more: str):
    told = {"csrf_token": token(client, ADDRESS), "goi": (BytesIO(path.read_bytes()), "goi.zip"), **more}
    return client.post("/kiem-tra/goi/kiem-tra", data=told, content_type="multipart/form-data")


def test_the_register_tells_each_pack_its_file_and_its_key(as_role: Login):
    text = as_role("auditor").get(ADDRESS).text
    assert MASKED in text
    assert "46.885 hồ sơ" in text
    assert "Có họ tên: người vận hành giữ" not in text, "the file of the second has gone"
    assert "Đã hết hạn giữ" in text
    assert form.grouped(KEY.fingerprint) in text
    assert "thôi dùng từ" in text


@pytest.mark.parametrize("role", ["auditor", "reform"])
def test_a_pack_is_made_by_a_worker_masked_and_taken_with_an_entry(
    as_role: Login, context: StandingContext, role: str
):
    own_key(context)
    client = as_role(role)
    answer = done(client, client.post(ADDRESS, data={**PERIOD, "csrf_token": token(client, ADDRESS)}))
    assert "2026-0003" in answer.text
    assert [act.action for act in acts(context, 2)] == ["evidence_pack_asked", "pack_made"]
    taken = client.get("/kiem-tra/goi/3/tai-ve")
    assert taken.status_code == 200
    path = context.data_dir / "packs" / "2026-0003.zip"
    assert taken.data == path.read_bytes()
    assert acts(context, 1)[0].subject == "pack:2026-0003"
    held = dict(members_of(path))
    assert OVERDUE_B in held[form.LATE_CSV].decode()
    assert NAME not in b"".join(held.values()).decode("utf-8", "replace")
    checked = sent(client, path).text
    assert "nguyên vẹn" in checked
    assert "KHÔNG" not in checked


def test_a_pack_with_names_is_given_to_nobody_who_reads_none(as_role: Login, context: StandingContext):
    (context.data_dir / "packs" / f"{NAMED}.zip").write_bytes(b"PK")
    assert as_role("auditor").get("/kiem-tra/goi/2/tai-ve").status_code == 403


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"tu": "31/02/2026", "den": "01/03/2026"}, "không phải là ngày"),
        ({"tu": "01/03/2026", "den": "01/02/2026"}, "đứng trước"),
        ({"tu": "01/03/2026"}, "cả từ ngày và đến ngày"),
        ({"tu": "01/03/2027", "den": "01/04/2027"}, "chưa bắt đầu"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(as_role: Login, given: dict[str, str], told: str):
    client = as_role("reform")
    answer = client.post(ADDRESS, data={**given, "csrf_token": token(client, ADDRESS)})
    assert answer.status_code == 400
    assert told in answer.text


def test_a_pack_that_somebody_brings_is_checked_by_the_register(
    as_role: Login, context: StandingContext, tmp_path: Path
):
    client = as_role("auditor")
    whole = Sample(number="2025-0009").write(tmp_path / "goi.zip")
    assert "Gói 2025-0009 nguyên vẹn" in sent(client, whole).text
    assert acts(context, 1)[0].action == "pack_check"
    assert "sổ gói của cơ quan ghi một gói khác" in sent(client, Sample().write(tmp_path / "b.zip")).text
    changed = tmp_path / "c.zip"
    changed.write_bytes(flipped(whole.read_bytes(), span_of(whole, form.LATE_CSV)[0] + 3))
    assert form.LATE_CSV in sent(client, changed).text
    unknown = Sample(key=OTHER_KEY, number="2025-0010").write(tmp_path / "d.zip")
    assert "nguyên vẹn" in sent(client, unknown).text, "a retired key is known"
    assert sent(client, whole, dong="abc").status_code == 400


def test_the_checker_is_handed_out_as_it_stands_in_the_repository(as_role: Login):
    answer = as_role("reform").get("/kiem-tra/goi/verify_pack.py")
    assert answer.data == (Path(__file__).parents[2] / "scripts" / "verify_pack.py").read_bytes()


def test_an_account_of_one_unit_has_no_packs_of_the_province(as_role: Login, context: StandingContext):
    client = as_role("auditor")
    of_unit(context, "auditor", 900_001)
    assert client.get(ADDRESS).status_code == 403
