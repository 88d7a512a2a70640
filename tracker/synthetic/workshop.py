"""What every preset works with: catalogue, pools, working days and one source of chance; and the first columns."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy
from tracker.synthetic import spreads
from tracker.synthetic.batch import COUNTER, ONLINE, POSTAL, Batch, empty_batch
from tracker.synthetic.catalogue import Catalogue, CatalogueProcedure
from tracker.synthetic.days import DAY, WorkingDays, limit_days
from tracker.synthetic.people import make_people
from tracker.synthetic.routes import LAND, Routes, build_routes
from tracker.types import Level, Limit, LimitUnit

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BUSINESS_FIELDS = (
    "Thành lập và hoạt động của doanh nghiệp",
    "Lưu thông hàng hóa trong nước",
    "An toàn thực phẩm",
)
_PERSONAL_FIELDS = (
    "Hộ tịch",
    "Lý lịch tư pháp",
    "Bảo trợ xã hội",
    "Người có công",
    "Nuôi con nuôi",
    "Giáo dục và Đào tạo",
    "Công chức, viên chức",
    "Khám bệnh, chữa bệnh",
    "Thành lập và hoạt động của hộ kinh doanh",
)
_PERSONAL_WORDS = (
    "cá nhân",
    "thất nghiệp",
    "lái xe",
    "nhà ở riêng lẻ",
    "chứng chỉ hành nghề",
    "gia đình văn hóa",
)
_MEDIATION = "Hòa giải"  # no financial duty follows from it, land though it is


class Workshop:
    """Built once per run."""

    def __init__(self, seed: int, first: date, last: date, *, merged: bool) -> None:
        self.rng = np.random.default_rng(seed)
        self.catalogue = Catalogue()
        self.days = WorkingDays(load_calendar(), load_policy(), first, last)
        self.people = make_people(self.catalogue, self.rng, merged=merged)
        procedures = self.catalogue.procedures
        self.limit_days: Ints = np.array([limit_days(item) for item in procedures], dtype=np.int64)
        self.by_workdays: Bools = np.array([_counts_workdays(item) for item in procedures])
        self.land: Bools = np.array([item.field == LAND for item in procedures])
        self.taxed: Bools = self.land & np.array([_MEDIATION not in item.name for item in procedures])
        self.business: Bools = np.array([item.field in _BUSINESS_FIELDS for item in procedures])
        self.personal: Bools = np.array([_is_personal(item) for item in procedures])

    def routes(self, level: Level, day: date) -> Routes:
        """The routes of a level on a day."""
        return build_routes(self.catalogue, level, day, self.rng)

    def limits(self, batch: Batch) -> Ints:
        """Limits in working days: 0 = hours, -1 = none."""
        return self.limit_days[batch.procedure]

    def begin(self, routes: Routes, size: int) -> Batch:
        """Dossiers with procedure, units, channel and applicant; without any date."""
        batch = empty_batch(size)
        route = spreads.weighted(self.rng, routes.weight, size)
        batch.procedure, batch.unit = routes.procedure[route], routes.unit[route]
        batch.receiver = routes.receiver[route]
        batch.channel = spreads.channels(self.rng, size)
        self._dress(batch)
        return batch

    def _dress(self, batch: Batch) -> None:
        rng, people = self.rng, self.people
        batch.kind = spreads.weighted(rng, np.array([0.93, 0.045, 0.01, 0.015]), len(batch))
        to_business = self.business[batch.procedure] & spreads.share(rng, len(batch), 0.9)
        batch.kind[to_business] = 1
        batch.kind[self.personal[batch.procedure]] = 0
        batch.applicant = people.draw_applicants(rng, batch.kind)
        batch.address = people.draw_addresses(rng, batch.receiver)
        batch.officer = people.draw_officers(rng, batch.unit)

    def file(self, batch: Batch) -> None:
        """Set the filing before the reception: the same moment at the counter, hours online, days by post."""
        rng, size = self.rng, len(batch)
        at_night = batch.received % DAY > spreads.AFTERNOON[1]
        online = np.where(at_night, 0, np.minimum(rng.lognormal(8.2, 1.3, size), 2 * DAY).astype(np.int64))
        postal = rng.integers(DAY, 3 * DAY, size)
        wait = np.select([batch.channel == COUNTER, batch.channel == ONLINE], [0, online], postal)
        filed = np.where(batch.channel == POSTAL, _by_day(batch.received - postal), batch.received - wait)
        # Few people file between midnight and five: let them have done it the evening before.
        batch.filed = np.where(filed % DAY < 5 * 3600, filed - 6 * 3600, filed)


def _counts_workdays(procedure: CatalogueProcedure) -> bool:
    return isinstance(procedure.limit, Limit) and procedure.limit.unit is LimitUnit.WORKDAY


def _is_personal(procedure: CatalogueProcedure) -> bool:
    """Can only a person apply?"""
    return procedure.field in _PERSONAL_FIELDS or any(word in procedure.name for word in _PERSONAL_WORDS)


def _by_day(local: Ints) -> Ints:
    """Posted in the daytime: 08:00 to 16:00 of the same date."""
    return local // DAY * DAY + 8 * 3600 + local % (8 * 3600)
