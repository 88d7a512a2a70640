"""What is done by a page leaves its entry in the log: every POST route of the map is gone through, or says why not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import new_salt
from app.cli import cli
from app.finding_forms import mark_of_steps
from app.first_day import calendar_mark
from app.form_edition_forms import given
from app.letter_settings_forms import SettingForm
from app.log_page import ACTIONS
from app.pages import by_token
from app.web import create_app
from tests.passwords import cheap_hash
from tests.structure.test_registries import SOURCES, argument, calls
from tests.web.conftest import Client
from tests.web.letter_sets import TRIAL
from tests.web.world import BRANCH_A, CODELESS, HUB, NAME, NOW, OVERDUE_A, PASSWORD, PHONE, StandingContext
from tracker.calendar_data import load_calendar
from tracker.forms_data import load_form_editions
from tracker.store import audit, people, saved_layouts
from tracker.store.people import NewAccount
from tracker.store.saved_layouts import LayoutRow

REASON = "Quyết định phân công số 7 (thử nghiệm)"
NEW_PASSWORD = "con-meo-nam-tren-mai-nha"
OTHER = "quan-tri-hai"
# These change nothing that anybody else sees, or leave their trace elsewhere.
EXCEPTIONS = {
    "language.choose": "keeps the language of the pages in the browser",
    "inbox.read": "marks one's own messages as read",
    "receipts.gateway": "comes from a machine, signed; each receipt is an event of its message",
    "receiver.login": "a machine's session; what is done with it is logged",
    "receiver.envelope": "each push is a batch in the log, each look-up an entry: tests/web/test_receiver.py",
    "receiver.operation": "likewise",
    "letter_numbers.page": "needs signed letters: its entry is tried by tests/web/test_letter_numbers.py",
    "letter_numbers.own": "likewise",
    "letter_numbers.signed": "takes files: its entry is tried by tests/web/test_letter_numbers.py",
    "letter_papers.tell": "needs signed letters: its entry is tried by tests/web/test_letter_papers.py",
    "board_acts.undo": "takes back what this session wrote: its entry is tried by tests/web/test_board_acts.py",
    "board_acts.draft": "needs an owed letter: its entry is tried by tests/web/test_board_acts.py",
    "packs.check": "takes a file: its entry is tried by tests/web/test_packs_page.py",
    "reconciling.load": "takes a file: its entry is tried by tests/web/test_reconciling_page.py",
    "sources.upload": "takes files: its entry is tried by tests/web/test_sources_pages.py",
    "sources.forget_layout": "needs a layout that somebody saved: `test_forgetting_a_layout_leaves_an_entry`",
    "letter_templates.try_file": "takes a file: its entry is tried by tests/web/test_letter_settings.py",
    "first_day.ready": "needs every step before: its entry is tried by tests/web/test_first_day_pages.py",
    "first_day.withdraw_ready": "likewise",
    "auth.code": "needs a second factor: its entry is tried by tests/web/test_second_factor.py",
    "second_factor.confirm": "likewise",
    "second_factor.switch_off": "likewise",
    "second_factor.renew_codes": "likewise",
    "account_access.lost_factor": "likewise",
    "account_access.set_subject": "needs an identity provider: its entry is tried by tests/web/test_sign_on.py",
    "sign_on.allow_link": "likewise",
    "sign_on.unlink": "likewise",
    "rejected.replay_file": "takes a file; what it asks for is the work that `rejected.replay_batch` asks for",
}


@dataclass(frozen=True)
class Press:
    """A form as somebody of a role sends it, and the act that has to be in the log afterwards."""

    role: str
    address: str
    action: str
    form: Mapping[str, str] = field(default_factory=dict)
    before: tuple["Press", ...] = ()


CHANGE, ACCOUNT, CALENDAR = "/quan-tri/thay-doi/1", "/quan-tri/tai-khoan/1", "/lich-lam-viec/thay-doi/1"
NEW_ACCOUNT = {"login": "chi", "full_name": "Chi", "email": "", "role": "desk", "unit": "0", "reason": REASON}
CLOSE = Press("admin", f"{ACCOUNT}/khoa", "user_disable", {"reason": REASON})
DAY_OFF = {
    "calendar": "VN", "first": "30/12/2026", "name": "Nghỉ thử", "notice": "TB 2", "reason": REASON, "lam": "gui",
}  # fmt: skip
NEW_LIMIT = {
    "limit_text": "5 ngày",
    "channel": "",
    "valid_from": "01/01/2026",
    "source": "QĐ 1",
    "day_kind": "",
}
NEW_UNIT = {"code": "T99", "name": "Phòng Thử", "level": "commune", "kind": "desk", "commune_class": ""}
FIGURES = {
    "source": "thu", "form": "e", "start": "01/07/2026", "end": "31/07/2026", "row": "0", "figures-received": "5",
}  # fmt: skip
NEW_SIGNER = {
    "don-vi": f"T{BRANCH_A}", "ho-ten": "Trần Thị Bịa", "quyen": "head", "chuc-danh": "Giám đốc", "lam": "them",
}  # fmt: skip
NEW_SERIES = {
    "don-vi": f"T{BRANCH_A}", "ky-hieu": "PXL-MOT", "van-ban": "Quyết định số 2", "so-dau": "", "tu": "01/01/2026",
}  # fmt: skip
NEW_REASON = {
    "don-vi": f"T{BRANCH_A}",
    "thu-tuc": "",
    "tu": "01/01/2026",
    "den": "31/12/2026",
    "loi": "Chờ ý kiến",
}
NEW_RULE = {
    "don-vi": f"T{BRANCH_A}", "moc": "days_left", "muc": "4", "nguoi": "desk", "bat": "", "bao-ngay": "",
    "tu": "24/08/2026", "ly-do": REASON,
}  # fmt: skip
RULE_MARK = SettingForm(NEW_RULE).mark
NEW_TARGET = {
    "don-vi": f"T{BRANCH_A}", "chi-tieu": "97,5", "khong": "", "tu": "01/01/2026", "van-ban": "Quyết định số 9",
}  # fmt: skip
NEW_REMEDY = {
    "don-vi": f"T{BRANCH_A}", "linh-vuc": "", "nam": "2026", "ton-tai": "Chậm trả kết quả", "nguyen-nhan": "",
    "bien-phap": "", "thoi-han": "", "lan": "1",
}  # fmt: skip
KEYS = "/nguon-du-lieu/khoa/"
NEW_KEY = {"ten": "mot-cua-moi", "nguon": "thu", "pham-vi": "chon", "don-vi": f"T{BRANCH_A}"}
CONFIRMED = {
    "viec": "xac-nhan", "lam": "gui", "xac-nhan-document": "Quyết định số 3", "xac-nhan-document_date": "10/11/2022",
    "xac-nhan-reason": REASON,
}  # fmt: skip
FORM = load_form_editions()[0]
CORRECTED_FORM = {
    **{name: str(value) for name, value in given(FORM).items() if name != "verified"}, "withdrawn": "10", "reason": REASON,
}  # fmt: skip
NEW_RESULT = {
    "index": "sipas", "year": "2025", "value": "84 %", "source": "Công văn số 4", "reason": REASON,
}  # fmt: skip
KEEP_QUERY = Press("auditor", "/kiem-tra/truy-van", "case_query_keep", {"ten": "Quá 30 ngày", "tre-tu": "30"})
WRITE_NOTE = Press("desk", f"/ho-so/{OVERDUE_A}/ghi-chu", "note_write", {"noi-dung": f"Đã gọi {NAME}"})
WRITE_NOTES = Press("desk", "/ban-theo-doi/ghi-chu", "note_write", {"chon": "1", "noi-dung": PHONE})
EXPLAIN = Press(
    "head",
    "/dau-hieu/giai-trinh",
    "finding_explain",
    {
        "viec": "giai-trinh",
        "chon": "1",
        "dau": mark_of_steps({1: 0}),
        "giai-trinh": REASON,
        "van-ban": "12/TB",
    },
)
CONFIRM_UNITS = Press("admin", "/bat-dau/xac-nhan/don-vi", "first_day_confirm", {"don-vi": f"T{BRANCH_A}"})
SHOWN_CALENDAR = calendar_mark(load_calendar("B"), NOW.date())
PRESSES = {
    "findings.explain": EXPLAIN,
    "findings.judge": Press(
        "auditor",
        "/dau-hieu/ket-luan",
        "finding_confirm",
        {"viec": "xac-nhan", "chon": "1", "dau": mark_of_steps({1: 1}), "nhan-xet": REASON, "van-ban": ""},
        (EXPLAIN,),
    ),
    "board_acts.write": WRITE_NOTES,
    "notes.write": WRITE_NOTE,
    "notes.withdraw": Press("head", "/ghi-chu/1/thu-hoi", "note_withdraw", {}, (WRITE_NOTE,)),
    "account.password": Press(
        "desk", "/tai-khoan", "password", {"present": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    ),
    "account.end_others": Press("desk", "/tai-khoan/ket-thuc-phien", "sessions_end"),
    "second_factor.begin": Press(
        "head", "/tai-khoan/xac-thuc/bat-dau", "factor_begin", {"present": PASSWORD}
    ),
    "admin.account": Press(
        "admin", ACCOUNT, "change_propose", {"role": "head", "unit": "0", "reason": REASON}
    ),
    "admin.approve": Press(OTHER, f"{CHANGE}/duyet", "change_approve"),
    "admin.close_account": CLOSE,
    "admin.new_account": Press("admin", "/quan-tri/tai-khoan/moi", "change_propose", NEW_ACCOUNT),
    "admin.open_account": Press("admin", f"{ACCOUNT}/mo", "change_propose", {"reason": REASON}, (CLOSE,)),
    "admin.reject": Press(OTHER, f"{CHANGE}/tu-choi", "change_reject", {"note": REASON}),
    "admin.withdraw": Press("admin", f"{CHANGE}/rut", "change_withdraw"),
    "admin_home.examine": Press("admin", "/quan-tri/tinh-trang/kiem-tra", "examination_asked"),
    "alerts.choose": Press("desk", "/canh-bao/cai-dat", "alert_settings", {"khan": "1", "gio": "08:00"}),
    "alert_acts.act": Press(
        "head", "/canh-bao/viec/nhan-viec", "alert_take_on", {"chon": "1", "hen-xong": "28/08/2026"}
    ),
    "alert_acts.set_reason": Press("desk", "/canh-bao/3/ly-do", "obligation_reason", {"ly-do": REASON}),
    "audit_cases.keep": KEEP_QUERY,
    "audit_cases.forget": Press(
        "auditor", "/kiem-tra/truy-van/1/xoa", "case_query_forget", {}, (KEEP_QUERY,)
    ),
    "audit.verify": Press("auditor", "/nhat-ky/kiem-tra", "audit_verify_asked"),
    "auth.login": Press("", "/dang-nhap", "login", {"login": "desk", "password": PASSWORD}),
    "auth.logout": Press("desk", "/dang-xuat", "logout"),
    "editions.ask": Press("reform", "/tieu-chi/phien-ban/3.4.1/resolved", "change_propose", CONFIRMED),
    "form_editions.ask": Press(
        "reform", "/bao-cao/bieu-mau/II.06a/tt-01-2020", "change_propose", CORRECTED_FORM
    ),
    "editions.result": Press("reform", "/tieu-chi/ket-qua", "change_propose", NEW_RESULT),
    "packs.ask": Press(
        "auditor", "/kiem-tra/goi/", "evidence_pack_asked", {"tu": "01/07/2026", "den": "31/07/2026"}
    ),
    "calendar.approve": Press("admin", f"{CALENDAR}/duyet", "calendar_approve_asked", {"digest": "x"}),
    "calendar.propose": Press("reform", "/lich-lam-viec/de-nghi/nghi", "calendar_propose_asked", DAY_OFF),
    "calendar.reject": Press("admin", f"{CALENDAR}/tu-choi", "calendar_reject", {"note": REASON}),
    "calendar.undo": Press("reform", f"{CALENDAR}/hoan-tac", "calendar_propose_asked", {"reason": REASON}),
    "calendar.withdraw": Press("reform", f"{CALENDAR}/rut", "calendar_withdraw"),
    "catalogue.add_limit": Press("reform", "/danh-muc/thu-tuc/900000/thoi-han", "limit_add", NEW_LIMIT),
    "catalogue.add_procedure_alias": Press(
        "reform", "/danh-muc/thu-tuc/1/ten-khac", "procedure_alias", {"alias": "Tên cũ của thủ tục"}
    ),
    "catalogue.add_unit_alias": Press(
        "admin", f"/danh-muc/don-vi/{BRANCH_A}/ten-khac", "unit_alias", {"alias": "CN Thử Một"}
    ),
    "catalogue.fill_unit": Press("admin", "/danh-muc/don-vi/900003/dien", "unit_fill", NEW_UNIT),
    "catalogue.name_procedure": Press(
        "reform", "/danh-muc/thu-tuc/900000/la-thu-tuc", "procedure_name", {"target": "1.090101"}
    ),
    "catalogue.name_unit": Press(
        "reform", "/danh-muc/don-vi/900003/la-don-vi", "unit_name", {"target": "H15"}
    ),
    "codes.decide": Press(
        "reform",
        "/ma-ho-so/quyet-dinh",
        "code_rule",
        {"ma": OVERDUE_A, "nguon": "thu", "cach": "mot", "ly_do": REASON},
    ),
    "codes.put_together": Press(
        "reform", "/ma-ho-so/gop", "code_join", {"ma": CODELESS, "vao": OVERDUE_A, "ly_do": REASON}
    ),
    "alert_rules.set_rule": Press(
        "head", "/canh-bao/quy-tac/dat", "alert_rule_set", {**NEW_RULE, "da-xem": RULE_MARK}
    ),
    "alert_rules.take_back": Press(
        "reform", "/canh-bao/quy-tac/1/rut", "alert_rule_restored", {"ly-do": REASON}
    ),
    "alert_rules.enter_leave": Press(
        "desk",
        "/canh-bao/nghi-phep/ghi",
        "leave_set",
        {"tu": "24/08/2026", "den": "25/08/2026", "thay": "head"},
    ),
    "alert_rules.end_leave": Press("admin", "/canh-bao/nghi-phep/1/ket-thuc", "leave_ended"),
    "feeds.make": Press(
        "reform", "/canh-bao/dang-ky", "feed_made", {"pham-vi": "unit", "don-vi": f"T{BRANCH_A}"}
    ),
    "feeds.revoke": Press("admin", "/canh-bao/dang-ky/1/thu-hoi", "feed_revoked"),
    "letters.draft": Press("desk", "/thu-xin-loi/soan", "draft_letters_asked"),
    "letter_steps.act": Press(
        "desk", "/thu-xin-loi/viec/sua", "letter_correct", {"chon": "1", "ly-do-thu": REASON, "ve": "mot"}
    ),
    "letter_steps.decide": Press(
        "head", "/thu-xin-loi/quyet-dinh/huy", "letter_void", {"chon": "1", "ly-do": REASON, "ve": "mot"}
    ),
    "first_day.confirm_units": CONFIRM_UNITS,
    "first_day.confirm_calendar": Press(
        "admin", "/bat-dau/xac-nhan/lich", "first_day_confirm", {"dau": SHOWN_CALENDAR}
    ),
    "first_day.withdraw": Press(
        "admin", "/bat-dau/rut", "first_day_withdraw", {"viec": "units"}, (CONFIRM_UNITS,)
    ),
    "first_day.set_start": Press(
        "admin", "/bat-dau/ngay-bat-dau", "first_day_start", {"chon": "2026-08-01", "ly-do": REASON}
    ),
    "first_day.try_mail": Press("admin", "/bat-dau/thu-thu", "mail_test_asked"),
    "jobs.run": Press("admin", "/lich-chay/chay", "job_run", {"viec": "seal", "ngay": "23/08/2026"}),
    "keys.new": Press("admin", KEYS + "moi", "source_key_add", NEW_KEY),
    "keys.renew": Press("admin", KEYS + "1/mat-khau", "source_key_passwd", {"ly-do": REASON}),
    "keys.revoke": Press("admin", KEYS + "1/thu-hoi", "source_key_disable", {"ly-do": REASON}),
    "letter_papers.ask": Press("desk", "/thu-xin-loi/in", "print_letters_asked", {"giay": "letters"}),
    "letter_templates.use": Press("reform", f"{TRIAL}/dung", "letter_template_add"),
    "letter_templates.retire": Press("admin", "/thu-xin-loi/mau/1/thoi-dung", "letter_template_retire"),
    "letter_settings.add_signer": Press("head", "/thu-xin-loi/nguoi-ky/them", "signer_add", NEW_SIGNER),
    "letter_settings.end_signer": Press(
        "reform", "/thu-xin-loi/nguoi-ky/1/ket-thuc", "signer_end", {"den": "31/12/2019"}
    ),
    "letter_settings.add_series": Press("reform", "/thu-xin-loi/so-rieng/them", "series_add", NEW_SERIES),
    "letter_settings.close_series": Press(
        "admin", "/thu-xin-loi/so-rieng/1/dong", "series_close", {"den": "31/12/2026"}
    ),
    "letter_settings.add_reason": Press(
        "head",
        "/thu-xin-loi/ly-do/them",
        "letter_reason_add",
        {**NEW_REASON, "da-xem": SettingForm(NEW_REASON).mark},
    ),
    "letter_settings.end_reason": Press("reform", "/thu-xin-loi/ly-do/1/rut", "letter_reason_end"),
    "outbox.decision": Press("admin", "/thong-bao/hang-doi/1/settle", "outbox_settle"),
    "reconciling.type_in": Press("reform", "/doi-chieu/nhap", "report_enter", FIGURES),
    "unit_home.set_target": Press("reform", "/don-vi/chi-tieu", "target_set", NEW_TARGET),
    "remedies.add": Press("head", "/khac-phuc/them", "remedy_add", NEW_REMEDY),
    "remedies.edit": Press("head", "/khac-phuc/1/sua", "remedy_edit", NEW_REMEDY),
    "remedies.end": Press("reform", "/khac-phuc/1/xong", "remedy_done", {"ngay": "20/08/2026", "lan": "1"}),
    "rejected.mend": Press(
        "reform", "/nguon-du-lieu/dong-loi/1/sua", "ingest", {"o-due_at": "25/08/2026 17:00:00"}
    ),
    "rejected.put_aside": Press(
        "reform", "/nguon-du-lieu/dong-loi/1/de-sang-ben", "rejection_close", {"ly-do": REASON}
    ),
    "rejected.replay_batch": Press("reform", "/nguon-du-lieu/dong-loi/nap-lai", "replay_asked", {"lo": "1"}),
    "sources.name": Press(
        "admin", "/nguon-du-lieu/ten", "source_name", {"khoa": "thu", "ten": "Một cửa (thử)"}
    ),
    "sources.decide": Press(
        "reform", "/nguon-du-lieu/nap/7/quyet-dinh", "import_preview_asked", {"lam": "xem", "nguon": "thu"}
    ),
    "reveal.ask": Press(
        "auditor", f"/ho-so/{OVERDUE_A}/hien-nguoi-nop", "reveal", {"reason": "inspection", "note": REASON}
    ),
    "tokens.make": Press(
        "desk",
        "/tai-khoan/khoa-api",
        "api_token_make",
        {"ten": "Bảng điện tử", "quyen": "dossiers:read", "han": "30", "mat-khau": PASSWORD},
    ),
    "tokens.revoke": Press("admin", "/tai-khoan/khoa-api/1/thu-hoi", "api_token_revoke"),
    "subscriptions.add": Press(
        "admin",
        "/quan-tri/nhan-tin",
        "subscription_add",
        {"he-thong": HUB, "loai": "letter.signed", "don-vi": ""},
    ),
    "subscriptions.end": Press("admin", "/quan-tri/nhan-tin/1/thoi", "subscription_end"),
    "work.cancel": Press("admin", "/cong-viec/4/dung", "work_cancel"),
    "work.retry": Press("admin", "/cong-viec/3/lam-lai", "work_retry"),
}


@pytest.fixture
def app(context: StandingContext) -> Flask:
    """The application without the tokens of forms, which are not what this is about; and a second administrator."""
    with context.store.transaction() as session:
        new = NewAccount(OTHER, "Quản trị hai", "admin", None, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, new, NOW)
    app = create_app(context, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    return app


def press(app: Flask, what: Press) -> None:
    for earlier in what.before:
        press(app, earlier)
    client: FlaskClient = app.test_client()
    if what.role:
        client.post("/dang-nhap", data={"login": what.role, "password": PASSWORD})
    answer = client.post(what.address, data=what.form)
    assert answer.status_code in (200, 302), answer.text


def entries(context: StandingContext) -> list[audit.Act]:
    with context.store.read() as session:
        return audit.recent_acts(session, 1000)[::-1]


def posting(app: Flask) -> set[str]:
    """Operations of the API have their own test: tests/web/test_api_recorded.py."""
    found = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return found - by_token(app)


def test_every_route_that_does_something_is_gone_through_or_says_why_not(app: Flask):
    assert posting(app) == set(PRESSES) | set(EXCEPTIONS)
    assert set(PRESSES) & set(EXCEPTIONS) == set()


@pytest.mark.every_value("each button writes its own")
@pytest.mark.parametrize("endpoint", PRESSES)
def test_doing_something_leaves_an_entry_by_who_did_it_without_names(
    app: Flask, context: StandingContext, endpoint: str
):
    what = PRESSES[endpoint]
    before = len(entries(context))
    press(app, what)
    new = entries(context)[before:]
    assert (what.role or "desk", what.action) in [(act.actor, act.action) for act in new]
    told = str([(act.subject, act.detail) for act in new])
    assert NAME not in told
    assert PHONE not in told


def test_forgetting_a_layout_leaves_an_entry(app: Flask, context: StandingContext):
    with context.store.transaction() as session:
        row = LayoutRow("so-xa", "Sổ của xã", "ab" * 16, {"so": "dossier_code"}, "reform", NOW)
        saved_layouts.save(session, row)
    press(app, Press("reform", "/nguon-du-lieu/cach-hieu/xoa", "layout_forget", {"khoa": "so-xa"}))
    assert last(context, "layout_forget").subject == "layout:so-xa"


def test_every_act_has_its_words_on_the_page():
    assert {what.action for what in PRESSES.values()} <= set(ACTIONS)


def acts_written_by_name() -> set[str]:
    """The names of acts as they stand in the source: of `current.log`, `note_act`, `Act` and `ask_for`."""
    places = {"log": 0, "note_act": 1, "Act": 2, "ask_for": 99}
    found = {
        argument(call, place, "action") for name, place in places.items() for call in calls(SOURCES, name)
    }
    return {name for name in found if name and re.fullmatch(r"[a-z_]+", name)}


def test_every_act_that_the_program_writes_by_name_has_its_words():
    assert len(acts_written_by_name()) > 20
    assert acts_written_by_name() <= set(ACTIONS)


# ---------------------------------------------------------------- before and after


def last(context: StandingContext, action: str) -> audit.Act:
    return [act for act in entries(context) if act.action == action][-1]


def test_another_role_is_logged_with_what_stood_before_and_after(app: Flask, context: StandingContext):
    press(app, PRESSES["admin.account"])
    press(app, Press(OTHER, "/quan-tri/thay-doi/2/duyet", "change_approve"))
    for action in ("change_propose", "change_approve"):
        detail = last(context, action).detail
        assert detail["of"] == "user:1"
        assert detail["before"] == {"role": "desk", "unit_id": BRANCH_A}
        assert detail["after"] == {"role": "head", "unit_id": None}


def test_the_command_line_logs_roles_before_and_after_and_no_address(context: StandingContext):
    command = partial(CliRunner().invoke, cli, obj=context, catch_exceptions=False)
    command(["user", "role", "desk", "--role", "auditor", "--whole-province"])
    assert last(context, "user_role").detail == {
        "before": {"role": "desk", "unit": BRANCH_A},
        "after": {"role": "auditor", "unit": None},
    }
    command(["user", "email", "desk", "co-quan@vi-du.vn"])
    assert last(context, "user_email").detail == {"before": "none", "after": "set"}


def test_an_account_that_wrong_passwords_lock_leaves_one_entry(app: Flask, context: StandingContext):
    client = app.test_client()
    for _ in range(7):
        client.post("/dang-nhap", data={"login": "desk", "password": "khong-phai-mat-khau"})
    found = [act for act in entries(context) if act.action == "login_locked"]
    assert [(act.actor, act.subject) for act in found] == [("system", "user:1")]
