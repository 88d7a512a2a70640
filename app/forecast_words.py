"""What a forecast says in sentences: of the year, of single dossiers, of its trial. Knows no request."""

from app.presenters import day, decimal, number, percent
from tracker.measures.forecast_trial import Trial
from tracker.measures.projection import Drawn
from tracker.measures.projection_trial import Held
from tracker.pipeline.forecasting import Forecast, YearEnd
from tracker.store.forecast_store import WHOLE

INVENTED = "Dữ liệu sinh ra, chỉ chứng minh chương trình chạy đúng: không nói gì về một cơ quan thật."
SCORE_PLACES = 4


def rate_text(value: int) -> str:
    """A count with its groups."""
    return number(value)


def chance_text(chance: int) -> str:
    """Ten-thousandths as a share in per cent: "37,5 %"."""
    return percent(chance, WHOLE, 1)


def share_text(drawn: Drawn | None) -> str:
    """A rate with its fraction."""
    if drawn is None or not drawn.denominator:
        return "chưa có"
    whole = f"{number(drawn.numerator)}/{number(drawn.denominator)}"
    return f"{percent(drawn.numerator, drawn.denominator)} ({whole})"


def brier_text(score: float | None) -> str:
    """A Brier score to four places."""
    return "chưa có" if score is None else decimal(score, SCORE_PLACES)


def year_sentences(end: YearEnd) -> list[str]:
    """How the year may end, in words; why not, where nobody can say."""
    if end.unknown is not None or end.middle is None:
        return [f"Chưa dự báo được cả năm: {end.unknown}."]
    low, middle, high = (_percent(each) for each in (end.low, end.middle, end.high))
    told = [
        f"Đến hết năm {end.year}: khoảng {middle} đúng hạn; 80 % khả năng nằm giữa {low} và {high}.",
        f"Đã tính {share_text(end.so_far)}; đang mở {number(end.open)} hồ sơ, trong đó khoảng {number(round(end.late_open))} sẽ trễ;"
        f" còn tiếp nhận khoảng {number(round(end.to_come))} hồ sơ.",
    ]
    told += _points_sentence(end)
    if end.reached is not None:
        threshold = f"{decimal(end.threshold * 100, trim=True)} %"
        told.append(
            f"Đạt ngưỡng {threshold} ở {percent(*end.reached, 1)} ({number(end.reached[0])}/{number(end.reached[1])}) lần tính thử."
        )
    return told


def _points_sentence(end: YearEnd) -> list[str]:
    low, middle, high = end.points
    if low is None or middle is None or high is None:
        return []
    lowest, usual, highest = (decimal(each, 3, trim=True) for each in (low, middle, high))
    return [f"Điểm: khoảng {usual}, giữa {lowest} và {highest}."]


def _percent(drawn: Drawn | None) -> str:
    return "chưa có" if drawn is None else percent(drawn.numerator, drawn.denominator)


def switch_sentence(found: Forecast) -> str:
    """Whether the model is on, and if not, why and what stands in its place."""
    if found.is_on:
        return "Mô hình đang bật: trên các tháng kiểm nghiệm nó đoán tốt hơn cách tính đơn giản."
    instead = "" if found.learnt_at is None else " Khả năng trễ ở đây là của cách tính đơn giản."
    return f"Mô hình đang tắt: {found.trial.why_off}.{instead}"


def trial_sentences(made: Trial) -> list[str]:
    """What the trial on months not seen before found."""
    if made.model is None or made.difference is None:
        return []
    scores = f"mô hình {brier_text(made.model)}, cách tính đơn giản {brier_text(made.baseline)}"
    gained = made.difference
    return [
        f"Kiểm nghiệm trên {number(made.count)} hồ sơ của {len(made.months)} tháng, trong đó {number(made.late)} hồ sơ trễ.",
        f"Điểm Brier (càng nhỏ càng đúng): {scores}, đoán cùng một tỷ lệ cho mọi hồ sơ {brier_text(made.climate)}.",
        f"Chênh lệch {decimal(gained.value, SCORE_PLACES)}, khoảng tin cậy 95 % từ {decimal(gained.low, SCORE_PLACES)}"
        f" đến {decimal(gained.high, SCORE_PLACES)}; dưới 0 là mô hình tốt hơn.",
    ]


def band_sentence(tried: tuple[Held, ...]) -> str:
    """How often the band of 80 % held what came."""
    if not tried:
        return "Chưa có tháng nào đủ lịch sử để thử khoảng dự báo."
    kept = sum(each.is_held for each in tried)
    return (
        f"Khoảng 80 % chứa đúng kết quả {kept} trong {len(tried)} lần thử"
        f" (dự báo từ đầu tháng đến cuối năm, hoặc đến tháng cuối đã biết). Nhiều lần thử có chung kết quả cuối, nên không độc lập."
    )


def learnt_text(found: Forecast) -> str:
    """When the model was learnt, and from how much."""
    if found.learnt_at is None:
        return ""
    part = "" if found.every == 1 else f", hồ sơ đã xong đọc 1 trên {number(found.every)}"
    return f"học ngày {day(found.learnt_at.date())} từ {number(found.read)} hồ sơ{part}"
