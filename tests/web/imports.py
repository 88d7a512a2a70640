"""Files that a page test brings in by hand: uploaded by a form, looked at, loaded, with a worker that does the work."""

import html
import io
import re
from collections.abc import Mapping

from flask.testing import FlaskClient

from tests.flows.office import csv_text, row
from tests.web.conftest import token
from tests.web.works import done

UPLOAD = "/nguon-du-lieu/nap"
SELECT = re.compile(r'<select id="[^"]+" name="(cot-\d+)">(.*?)</select>', re.DOTALL)
BAD_DUE = "31/02/2026 17:00:00"
RECENT = {"received_at": "03/08/2026 08:00:00", "due_at": "20/08/2026 17:00:00"}


def made(number: int, **given: str) -> dict[str, str]:
    """An open dossier of this month."""
    return row(number, **{**RECENT, **given})


def a_list(*rows: Mapping[str, str]) -> str:
    """A list as an office exports it."""
    return csv_text(rows or [made(1), made(2, due_at=BAD_DUE)])


def upload(client: FlaskClient, content: str | bytes, name: str = "thang 8.csv", **given: str):
    """The answer to the form that takes files; its work is not done yet."""
    data = content.encode() if isinstance(content, str) else content
    form = {"csrf_token": token(client, UPLOAD), "tep": (io.BytesIO(data), name), "nguon": "main", **given}
    return client.post(UPLOAD, data=form, content_type="multipart/form-data")


def previewed(client: FlaskClient, content: str | bytes, name: str = "thang 8.csv", **given: str):
    """The page that shows how a file is understood."""
    return done(client, upload(client, content, name, **given))


def said(page: str) -> dict[str, str]:
    """What the form of a preview says as it stands."""
    found = {}
    for name, options in SELECT.findall(page):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def select_of(page: str, heading: str) -> str:
    """The select that says what a column means."""
    found = re.search(
        rf'>Cột {re.escape(heading)} được hiểu là</label><select id="[^"]+" name="(cot-\d+)"', page
    )
    assert found, heading
    return found[1]


def decided(client: FlaskClient, address: str, page: str, do: str, **given: str):
    """The answer to the form of a preview, with its work done."""
    form = {"csrf_token": token(client, address), "nguon": "main", "lam": do, **said(page), **given}
    return done(client, client.post(f"{address}/quyet-dinh", data=form))
