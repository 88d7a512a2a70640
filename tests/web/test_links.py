"""Addresses in templates are those that Flask makes, however often and from wherever they are asked for."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.links import LONGEST, Links
from tests.web.world import StandingContext
from tracker.store.models import Unit

ASKED = [
    ("auth.home", {}),
    ("static", {"filename": "css/base.css"}),
    ("dossier.page", {"code": "H15.1-2608/&?#%", "ngay": None}),
    ("dossier.page", {"code": "1"}),
    ("late.late_list", {"trang": 1, "don-vi": "1"}),
    ("late.late_list", {"trang": True}),
    ("late.late_list", {"trang": "1"}),
    ("late.late_list", {"don-vi": "x" * (LONGEST + 1)}),
    ("help.page", {"_anchor": "late.late_list"}),
    ("receiver.login", {"_external": True}),
]


@pytest.mark.parametrize("root", ["", "/dung-hen"])
def test_an_address_is_the_one_that_flask_makes(app: Flask, root: str):
    links = Links()
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
        for _turn in range(2):
            assert [links.to(name, **values) for name, values in ASKED] == [
                app.url_for(name, **values) for name, values in ASKED
            ]


def test_the_path_of_the_program_is_part_of_what_is_remembered(app: Flask):
    links = Links()
    found = []
    for root in ("", "/dung-hen"):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            found.append(links.to("auth.home"))
    assert found == ["/", "/dung-hen/"]


def test_a_unit_that_gets_another_name_is_offered_by_it_at_once(
    context: StandingContext, as_role: Callable[[str], FlaskClient]
):
    client = as_role("auditor")
    page = client.get("/qua-han").get_data(as_text=True)
    with context.store.transaction() as session:
        session.execute(update(Unit).where(Unit.id == 1).values(name="Tên mới <của> đơn vị"))
    assert "Tên mới" not in page
    page = client.get("/qua-han?don-vi=1").get_data(as_text=True)
    assert '<option value="1" selected>Tên mới &lt;của&gt; đơn vị</option>' in page
