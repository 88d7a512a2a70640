"""`dunghen forecast` and the daily forecast on a store: the arrays against the rates, what was known then, keeping, an empty store."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from app.works.forecasting import keep_forecast, question_of
from tests.flows.office import Office, StandingContext, row
from tracker.config import load_config
from tracker.measures.forecast_history import NEVER, How, seen_at
from tracker.measures.projection import Asked, counted
from tracker.measures.scoring import Denominator
from tracker.pipeline.forecasting import INVENTED_FILES, forecast_of
from tracker.pipeline.scores import ScoreQuestion, score
from tracker.store import forecast_store
from tracker.store.forecast_history import HistoryAsked, read_history
from tracker.store.rate_queries import unit_names
from tracker.synthetic.generate import generate
from tracker.types import VN

FIRST = int(datetime(2021, 1, 1, tzinfo=VN).timestamp())
AUTUMN = datetime(2022, 9, 10, 8, tzinfo=VN)
MOST = 10**9


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The province of 2022 at a fiftieth."""
    made = generate(
        "daklak-2022", tmp_path_factory.mktemp("forecast"), rows=None, seed=5, as_of=AUTUMN.date(), scale=0.02
    )
    return [path for path in made.files if path.suffix == ".csv"]


@pytest.fixture(scope="module")
def loaded(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that loaded them, to be copied."""
    office = Office(tmp_path_factory.mktemp("loaded")).furnished()
    assert office.run("ingest", *map(str, files)).status in (0, 1)
    return office


@pytest.fixture
def province(loaded: Office, tmp_path: Path) -> Office:
    """An office of one's own with what was loaded."""
    return Office(tmp_path).like(loaded)


def context_of(office: Office) -> StandingContext:
    """A context in this process, on the office's own database, in the autumn of 2022."""
    context = StandingContext(office.config, instant=AUTUMN)
    told = {name: value for name, value in office.environment.items() if value}
    context.__dict__["config"] = load_config(office.config, told)
    return context


def read(context: StandingContext, as_of: datetime = AUTUMN, most: int = MOST, known: datetime | None = None):
    with context.store.read() as session:
        return read_history(
            session, HistoryAsked(int(as_of.timestamp()), FIRST, known, most), lambda _name: 1
        )


def test_the_arrays_count_what_the_score_counts(province: Office):
    context = context_of(province)
    history = read(context)
    with context.store.read() as session:
        provincial = frozenset(each[0] for each in unit_names(session) if each[1] == "province")
    own, at = history.of_units(provincial), int(AUTUMN.timestamp())
    start = int(datetime(2022, 1, 1, tzinfo=VN).timestamp())
    for key, denominator in (("resolved", Denominator.RESOLVED), ("received", Denominator.RECEIVED)):
        told = score(context.store, ScoreQuestion("3.4.1", 2022, AUTUMN, key))
        found = counted(own, Asked(at, start, at, denominator), at)
        assert (found.numerator, found.denominator) == (told.numerator, told.denominator)
    context.store.close()


def test_what_is_suspended_running_and_overdue_is_what_the_rates_say(province: Office):
    context = context_of(province)
    seen = seen_at(read(context), int(AUTUMN.timestamp()))
    rates = province.ask(
        "rates", "--from", "2022-01-01", "--to", "2022-09-10", "--by", "level", "--as-of", AUTUMN.isoformat()
    )
    total = {
        name: sum(line[name] for line in rates["rows"])
        for name in ("open", "open_late", "open_no_due", "suspended")
    }
    assert int(seen.open.sum()) == total["open"]
    no_due = seen.open & (seen.due == NEVER)
    assert int((no_due & ~seen.paused).sum()) == total["open_no_due"]
    # Suspended before the due date is no lateness, whatever day it is; the forecast leaves those to the learnt feature.
    assert int(seen.overdue.sum()) >= total["open_late"]
    assert int(seen.paused.sum()) >= total["suspended"]
    context.store.close()


def test_of_many_that_ended_a_part_is_read_and_all_that_is_open(province: Office):
    context = context_of(province)
    whole, part = read(context), read(context, most=1000)
    assert part.every > 1
    at = int(AUTUMN.timestamp())
    assert int(seen_at(part, at).open.sum()) == int(seen_at(whole, at).open.sum())
    ended = int((seen_at(whole, at).how == How.RESULT).sum())
    told = seen_at(part, at)
    assert told.weight[told.how == How.RESULT].sum() == pytest.approx(ended, rel=0.1)
    context.store.close()


def test_before_the_first_load_nothing_was_known(province: Office):
    answer = province.ask("forecast", "--as-of", "2022-09-10", "--known", "2020-01-01")
    assert answer["rate"] is answer["low"] is answer["points"] is None
    assert answer["at_risk"] == []
    assert answer["n"] == 0
    assert answer["unknown"]
    context = context_of(province)
    assert len(read(context, known=datetime(2020, 1, 1, tzinfo=VN))) == 0
    context.store.close()


def test_the_answer_has_its_parts_and_repeats(province: Office):
    asked = ("forecast", "--year", "2022", "--as-of", "2022-09-10T08:00", "--limit", "7", "--json")
    one, other = province.run(*asked), province.run(*asked)
    assert one.out == other.out
    answer = one.json
    assert answer["low"] <= answer["rate"] <= answer["high"]
    assert answer["points_low"] <= answer["points"] <= answer["points_high"]
    assert answer["numbers"]["so_far"]["denominator"] > 0
    assert len(answer["at_risk"]) == 7
    chances = [each["chance"] for each in answer["at_risk"]]
    assert chances == sorted(chances, reverse=True)
    assert {"code", "unit", "due_at", "chance"} <= set(answer["at_risk"][0])
    assert all(each["due_at"] >= "2022-09-10" for each in answer["at_risk"])
    tried = answer["backtest"]
    assert tried["n"] > 0
    assert sum(each["n"] for each in tried["reliability"]) == tried["n"]
    assert answer["is_invented"] is True
    assert answer["is_on"] is (answer["why_off"] == "")
    text = province.run("forecast", "--as-of", "2022-09-10T08:00").out
    assert text.startswith("Dữ liệu sinh ra")
    assert "80 % khả năng" in text


def test_nothing_loaded_after_that_moment_changes_what_was_known_then(province: Office):
    asked = ("forecast", "--as-of", "2022-09-10T08:00", "--known", province.now.isoformat(), "--json")
    before = province.run(*asked).json
    province.now += timedelta(days=1)
    late = {"received_at": "01/07/2022 08:00:00", "due_at": "15/07/2022 17:00:00", "status": "Đã xử lý xong"}
    province.ingest([row(n, **late, finished_at="08/09/2022 10:00:00") for n in range(1, 60)])
    after = province.run(*asked).json
    for name in ("rate", "low", "high", "numbers", "at_risk", "backtest", "n"):
        assert after[name] == before[name], name


def test_an_empty_store_has_nulls_and_a_reason(office: Office):
    answer = office.run("forecast", "--year", "2026", "--json")
    assert answer.status == 0
    assert answer.json["rate"] is None
    assert answer.json["unknown"]
    assert answer.json["is_on"] is False
    assert "lịch sử chưa đủ" in answer.json["why_off"]
    assert answer.json["is_invented"] is False


def test_a_year_to_come_and_one_that_is_over(province: Office):
    coming = province.ask("forecast", "--year", "2023", "--as-of", "2022-09-10")
    assert coming["rate"] is None
    assert "chưa bắt đầu" in coming["unknown"]
    over = province.ask("forecast", "--year", "2022", "--as-of", "2023-02-01")
    told = province.ask("score", "3.4.1", "--year", "2022", "--as-of", "2023-02-01")
    assert over["low"] == over["rate"] == over["high"] == told["rate"]


def test_keeping_is_of_now_alone(province: Office):
    assert province.run("forecast", "--keep", "--as-of", "2022-09-10").status == 2


def test_a_model_is_kept_for_a_week_and_chances_are_told_anew(province: Office):
    context = context_of(province)
    keep_forecast(context, context.now())
    with context.store.read() as session:
        first = forecast_store.newest_run(session)
        assert first is not None
        assert forecast_store.model_of(session, first.run_id) is not None
    context.instant += timedelta(days=3)
    keep_forecast(context, context.now())
    with context.store.read() as session:
        second = forecast_store.newest_run(session)
        assert second is not None
        assert second.report["model_run"] == first.run_id
        assert forecast_store.model_of(session, second.run_id) is None
    assert second.report["backtest"] == first.report["backtest"]
    assert forecast_of(second).year_end.middle != forecast_of(first).year_end.middle
    context.instant += timedelta(days=5)
    keep_forecast(context, context.now())
    with context.store.read() as session:
        third = forecast_store.newest_run(session)
        assert third is not None
        assert (third.report["model_run"], third.report["n"]) == (0, _count(session))
    context.store.close()


def _count(session) -> int:
    from sqlalchemy import func, select

    from tracker.store.models import DossierRisk

    return session.scalar(select(func.count()).select_from(DossierRisk))


def test_chances_take_the_place_of_those_before_and_an_asked_refit_learns_anew(province: Office):
    context = context_of(province)
    found = keep_forecast(context, context.now())
    again = keep_forecast(context, context.now(), is_refit=True)
    assert again.risks == found.risks
    with context.store.read() as session:
        assert _count(session) == len(found.risks) > 0
        newest = forecast_store.newest_run(session)
        assert newest is not None
        assert newest.report["model_run"] == 0
    chances = np.array([risk.chance for risk in found.risks])
    assert ((chances > 0) & (chances < forecast_store.WHOLE)).all()
    context.store.close()


def test_real_files_are_not_taken_for_generated_ones(office: Office):
    office.ingest([row(1)])
    context = context_of(office)
    with context.store.read() as session:
        assert not forecast_store.holds_invented(session, INVENTED_FILES)
    assert question_of(context, AUTUMN).year == 2022
    context.store.close()
