"""The administrator's morning: what needs a person, the state of the installation part by part, the configuration."""

from flask import render_template, request
from werkzeug.wrappers import Response

from app import admin_places, config_words, current
from app.access import ADMINS, Permission
from app.admin_home import EXAMINATION, admin_home, age
from app.asking import new_turn
from app.health_page import health_page
from app.pages import Pages
from app.sources_page import bytes_word
from app.views.work import go_on
from app.works.asked import ask_person
from tracker.config import Config

blueprint = Pages("admin_home", __name__, url_prefix="/quan-tri")


@blueprint.get("/", permission=Permission(ADMINS))
def page() -> str:
    """What needs a person, how each part stands, and the way to everything that is administered."""
    home = admin_home(current.context(), current.now())
    return render_template(
        "admin_home.html", home=home, groups=admin_places.GROUPS, bytes_word=bytes_word, age=age
    )  # fmt: skip


@blueprint.get("/tinh-trang", permission=Permission(ADMINS))
def health() -> str:
    """What is wrong now, and the last examination of every part."""
    shown = health_page(current.context(), current.now())
    return render_template("health.html", shown=shown, turn=new_turn())


@blueprint.post("/tinh-trang/kiem-tra", permission=Permission(ADMINS))
def examine() -> Response:
    """Ask a worker to examine every part."""
    turn = request.form.get("luot", "")[:32] or new_turn()
    return go_on(ask_person(current.context(), EXAMINATION, {}, current.account(), turn))


@blueprint.get("/cau-hinh", permission=Permission(ADMINS))
def configuration() -> str:
    """Every key of the configuration in words; no secret."""
    config = current.context().config
    return render_template(
        "configuration.html", sections=config_words.configuration(config.path), path=config.path, secrets=_secrets(config)
    )  # fmt: skip


def _secrets(config: Config) -> tuple[tuple[str, bool], ...]:
    """What of the environment is set: that it is, never what it says."""
    return (
        ("Mật khẩu máy chủ thư (DUNGHEN_MAIL_PASSWORD)", bool(config.mail.password)),
        ("Mật khẩu khóa ký gói chứng cứ (DUNGHEN_PACK_KEY_PASSPHRASE)", bool(config.pack_key.passphrase)),
    )
