"""How long a forecast takes on a province-year, in processor time, and what its trial finds: `make bench-forecast`.

Generated data prove only that the program runs; the scores say nothing about an office.
"""

import resource
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tracker.config import load_config
from tracker.pipeline import IngestPlan, ingest
from tracker.pipeline.forecasting import ForecastQuestion, forecast
from tracker.store.calendars import kept_history
from tracker.store.migrate import upgrade
from tracker.store.session import Store, open_store
from tracker.synthetic.generate import generate
from tracker.types import VN

CONFIG = Path(__file__).parents[1] / "config.toml"
AS_OF, LOADED = datetime(2022, 12, 1, tzinfo=VN), datetime(2023, 7, 1, tzinfo=VN)
MOST_SECONDS = 60


def main(scale: float) -> None:
    """Generate, load, forecast; the last is measured."""
    config = load_config(CONFIG)
    with tempfile.TemporaryDirectory() as folder:
        made = generate(
            "daklak-2022", Path(folder) / "files", rows=None, seed=2022, as_of=AS_OF.date(), scale=scale
        )
        store = open_store(f"sqlite:///{folder}/forecast.sqlite3")
        upgrade(store)
        ingest(store, config.calendar_key, IngestPlan(tuple(made.files), LOADED), lambda _told: None)
        _measure(store, config.calendar_key)


def _measure(store: Store, calendar_key: str) -> None:
    with store.read() as session:
        calendars = kept_history(session, calendar_key)
    begun = time.process_time()
    found = forecast(store, calendars, ForecastQuestion(AS_OF.year, AS_OF, "resolved"))
    seconds = time.process_time() - begun
    made, end = found.trial, found.year_end
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print("dữ liệu sinh ra, chỉ chứng minh chương trình chạy đúng")
    print(f"{found.read:,} dossiers read (ended: each {found.every}.), {len(found.risks):,} told a chance")
    print(f"{seconds:.1f} s of processor (must {MOST_SECONDS}), peak {peak} MiB with loading")
    print(
        f"tried {made.count:,}, late {made.late:,}: Brier {made.model} / baseline {made.baseline} / climate {made.climate}"
    )
    print(f"difference {made.difference}; on: {made.is_on} {made.why_off}")
    print(f"bands held {sum(each.is_held for each in end.held)} of {len(end.held)}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
