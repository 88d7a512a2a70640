"""What page tests do when a page asks for long work: let a worker do it, and go on to where it leads."""

import html
import re

from flask.testing import FlaskClient

from app import current
from app.worker import Worker

WORK = re.compile(r"/cong-viec/(\d+)$")


def work_all(client: FlaskClient) -> int:
    """A worker does what there is; how many pieces."""
    return Worker(client.application.extensions[current.EXTENSION], "worker-of-the-test").run_until_idle()


def led_to(client: FlaskClient, address: str) -> str:
    """Where the page of finished work leads; its own address if nowhere."""
    page = client.get(address).text
    found = re.search(r'data-next="([^"]+)"', page) or re.search(
        r'<a class="button[^"]*" href="([^"]+)"', page
    )
    return html.unescape(found[1]) if found else address


def done(client: FlaskClient, answer):
    """The answer to a form; where it asked for work, the page that this leads to when the work is done."""
    if answer.status_code != 302 or not WORK.search(answer.location):
        return answer
    assert work_all(client) == 1
    return client.get(led_to(client, answer.location))
