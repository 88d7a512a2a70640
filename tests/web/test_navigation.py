"""The top bar: each role's places exist, stand there once, and lead where the role may go."""

import pytest
from flask import Flask

from app.access import HOME, Role, may
from app.navigation import ORDER, bar
from app.pages import matrix


@pytest.mark.parametrize("role", Role)
def test_a_role_meets_each_place_once_and_its_first_is_where_its_day_begins(role: Role):
    main, more = ORDER[role]
    endpoints = [place.endpoint for place in (*main, *more)]
    assert len(endpoints) == len(set(endpoints))
    assert main[0].endpoint == HOME[role]
    assert 1 <= len(main) <= 6


@pytest.mark.parametrize("role", Role)
def test_every_place_of_the_bar_is_a_page_that_the_role_may_open(app: Flask, role: Role):
    allowed = matrix(app)
    for place in (*ORDER[role][0], *ORDER[role][1]):
        assert may(role, allowed.get(place.endpoint)), place


@pytest.mark.parametrize("role", Role)
def test_every_page_of_a_role_belongs_to_one_of_its_places(app: Flask, role: Role):
    for endpoint in ("score.criterion", "calendar.change", "catalogue.unit"):
        if may(role, matrix(app)[endpoint]):
            shown = bar(role, endpoint, lambda name: may(role, matrix(app).get(name)))
            assert shown.here is not None


def test_a_page_inside_a_place_is_shown_as_belonging_to_the_narrowest(as_role):
    text = as_role("admin").get("/thu-xin-loi/nguoi-ky").text
    assert '<a href="/thu-xin-loi/mau/" aria-current="true">Mẫu thư</a>' in text
