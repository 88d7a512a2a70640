"""The forecast's pages: the year with its band, own dossiers alone, the trial in words, what is said where nothing is known."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from tests.web.forecast_sets import add_forecast, forecast_run
from tests.web.world import BRANCH_A, BRANCH_B, NAME, NOW, StandingContext
from tracker.store import audit, forecast_store
from tracker.store.forecast_store import Risk
from tracker.store.models import Dossier, ForecastRun

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access; what they read in tests/flows"
)

PAGE, RISKS, TRIAL = "/du-bao/", "/du-bao/ho-so", "/du-bao/kiem-nghiem"
LIKELY, EQUAL, FALLEN = "T01-260803-0004", "T01-260803-0006", "T01-260803-0003"


def told(text: str) -> str:
    """A page without tags, its white space as single blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_year_is_told_with_its_band_its_fractions_and_that_it_is_unverified(as_role):
    text = as_role("reform").get(PAGE).text
    words = told(text)
    assert re.search(
        r"Đến hết năm 2026: khoảng [\d,]+ % đúng hạn; 80 % khả năng nằm giữa [\d,]+ % và [\d,]+ %", words
    )
    assert re.search(r"hết tháng 12 dự báo [\d,]+ % \([\d.]+/[\d.]+\)", words)
    assert re.search(r"hết tháng 1 đã tính [\d,]+ % \([\d.]+/[\d.]+\) – –", words)
    assert re.search(r"Khoảng 80 % chứa đúng kết quả \d+ trong \d+ lần thử", words)
    assert "chưa đối chiếu văn bản" in words
    assert 'id="chart-data"' in text
    assert "Mô hình đang bật" in words
    assert "Dữ liệu sinh ra" not in words


def test_the_likeliest_stand_first_with_chance_word_and_mark(as_role):
    text = as_role("reform").get(RISKS).text
    assert text.index(LIKELY) < text.index(EQUAL)
    assert "85,1 %" in told(text)
    assert told(text).count("dễ trễ hơn là đúng hạn") == 1
    assert NAME not in text


def test_what_fell_due_or_ended_since_the_morning_is_on_no_list(as_role, context: StandingContext):
    with context.store.transaction() as session:
        session.execute(
            update(Dossier).where(Dossier.code == EQUAL).values(ended_at=NOW, end_kind="finished")
        )
    assert EQUAL not in as_role("reform").get(RISKS).text
    context.instant = NOW + timedelta(days=20)
    assert LIKELY not in as_role("reform").get(RISKS).text


def test_who_works_for_a_unit_sees_only_its_dossiers(as_role, context: StandingContext):
    with context.store.transaction() as session:
        session.execute(update(Dossier).where(Dossier.code == LIKELY).values(resolving_unit_id=BRANCH_B))
        risks = [Risk(4, BRANCH_B, 8512, NOW.date()), Risk(6, BRANCH_A, 4130, NOW.date())]
        forecast_store.keep_run(session, forecast_run(NOW), risks)
    for role in ("desk", "head"):
        page = as_role(role).get(RISKS).text
        assert EQUAL in page
        assert LIKELY not in page
    assert LIKELY not in as_role("head").get(PAGE).text
    assert LIKELY in as_role("auditor").get(PAGE).text
    assert as_role("head").get(f"{RISKS}?don-vi={BRANCH_B}").status_code == 404
    assert EQUAL not in as_role("reform").get(f"{RISKS}?don-vi={BRANCH_B}").text


def test_a_dossier_that_moved_to_another_unit_since_is_not_shown_to_the_old_one(
    as_role, context: StandingContext
):
    with context.store.transaction() as session:
        session.execute(update(Dossier).where(Dossier.code == LIKELY).values(resolving_unit_id=BRANCH_B))
    assert LIKELY not in as_role("desk").get(RISKS).text


def test_the_list_goes_on_where_a_page_ended(as_role, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.views.forecast.PAGE", 1)
    client, seen, address = as_role("reform"), [], RISKS
    for _ in range(4):
        text = client.get(address).text
        seen += re.findall(r'class="code"[^>]*>([^<]+)<', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        if following is None:
            break
        address = following.group(1).replace("&amp;", "&")
    assert seen == sorted(set(seen), key=seen.index)
    assert set(seen) == {LIKELY, EQUAL, FALLEN}


@pytest.mark.parametrize("place", ["x", "1", "1.x", "-1.2", "9.99999999999999999999", "²."])
def test_a_place_that_is_none_is_the_beginning(as_role, place: str):
    assert LIKELY in as_role("reform").get(f"{RISKS}?sau={place}").text


def test_the_trial_tells_both_scores_their_fractions_and_the_verdict(as_role):
    words = told(as_role("auditor").get(TRIAL).text)
    assert re.search(r"Kiểm nghiệm trên [\d.]+ hồ sơ của 6 tháng, trong đó [\d.]+ hồ sơ trễ", words)
    assert re.search(r"mô hình 0,\d{4}, cách tính đơn giản 0,\d{4}", words)
    assert re.search(r"20 % – 30 % [\d.]+ [\d,]+ % \([\d.]+/[\d.]+\) [\d,]+ % \([\d.]+/[\d.]+\)", words)
    assert "Mô hình đang bật" in words


def test_a_model_that_is_off_says_so_and_why_on_every_page(as_role, context: StandingContext):
    with context.store.transaction() as session:
        run = forecast_run(NOW, is_on=False, why_off="lý do thử")
        forecast_store.keep_run(session, run, [])
    for page in (PAGE, RISKS, TRIAL):
        words = told(as_role("head").get(page).text)
        assert "Mô hình đang tắt: lý do thử. Khả năng trễ ở đây là của cách tính đơn giản." in words


def test_what_was_learnt_from_generated_data_says_so_on_every_page(as_role, context: StandingContext):
    with context.store.transaction() as session:
        session.execute(update(ForecastRun).values(is_invented=True))
    for page in (PAGE, RISKS, TRIAL):
        assert "Dữ liệu sinh ra, chỉ chứng minh chương trình chạy đúng" in told(
            as_role("head").get(page).text
        )


def test_a_forecast_of_days_ago_is_marked(as_role, context: StandingContext):
    assert "đã cũ" not in told(as_role("reform").get(PAGE).text)
    context.instant = NOW + timedelta(days=3)
    assert "đã cũ" in told(as_role("reform").get(PAGE).text)


def test_without_any_forecast_the_pages_say_how_to_get_one(as_role, context: StandingContext):
    with context.store.transaction() as session:
        session.execute(delete(ForecastRun))
    for page in (PAGE, RISKS, TRIAL):
        assert "dunghen forecast --keep" in told(as_role("head").get(page).text)


def test_who_looked_is_logged_with_the_dossiers_shown(as_role, context: StandingContext):
    add_forecast(context.store, [(6, BRANCH_A, NOW.date())], NOW)
    for page, action in ((PAGE, "forecast"), (RISKS, "forecast_risks")):
        as_role("head").get(page)
        with context.store.read() as session:
            act = audit.recent_acts(session, 1)[0]
        assert (act.action, act.actor, act.detail["ids"]) == (action, "head", [6])
