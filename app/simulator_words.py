"""The simulation of a year in sentences, the same for the page and the command line. Pure."""

from collections.abc import Mapping
from fractions import Fraction

from app.presenters import DASH, NO_BREAK, decimal, number, percent, rate, time_left
from tracker.measures.budget import Allowance
from tracker.measures.saving import CERTAIN, HOUR
from tracker.measures.scoring import Denominator
from tracker.measures.simulation import Cause, Caution, Moved, Outcome, one_more_in_time
from tracker.pipeline.saving import Effect, Ranking, Saving, SavingRow, plan_effect
from tracker.pipeline.simulating import EditionLines, Line, Simulation, Target

CAUTIONS: Mapping[Caution, str] = {
    Caution.NO_PACE: "30 ngày qua không có hồ sơ nào xong, nên không biết phần còn lại của năm sẽ thế nào.",
    Caution.SMALL: "30 ngày qua có ít hơn 30 hồ sơ xong: tỷ lệ này chưa nói được nhiều.",
    Caution.LATE_ANYWAY: "Hồ sơ quá hạn trong số này là trễ dù xong lúc nào: đây là số của hôm nay, số cuối năm không kém đi vì xong sớm.",
    Caution.OVERDUE: "Số hồ sơ đang quá hạn nhiều hơn số trễ mà nhịp hoặc tỷ lệ này cho ra: tính rằng mọi hồ sơ quá hạn đều xong, "
    "và là trễ, trong năm.",
    Caution.STOCK: "Nhịp 30 ngày qua nhiều hơn số hồ sơ đang có và sẽ nhận: chỉ tính đến hết số đó.",
}
# Said wherever something is finished: the law asks for it, and the citizen waits.
OVERDUE_FIRST = (
    "Chúng xong lúc nào cũng tính là trễ, nhưng phải giải quyết ngay: để lại không cứu được điểm, chỉ đẩy phần trễ sang "
    "năm sau và người dân chờ thêm."
)
FINE = Fraction(1, 1_000)
INVENTED = "Dự báo này học từ dữ liệu sinh ra, chỉ chứng minh chương trình chạy đúng."
MOVES: Mapping[Cause, str] = {
    Cause.FEWER_LATE: "hồ sơ đã trễ coi như đúng hạn",
    Cause.FINISHED: "xong ngay",
    Cause.PACE: "xong như nhịp 30 ngày qua",
    Cause.TARGET: "xong theo tỷ lệ giả định",
    Cause.NONE_LATE: "xong, chỉ hồ sơ đang quá hạn là trễ",
    Cause.RECEIVED: "tiếp nhận như nhịp 30 ngày qua",
}


def line_name(line: Line, told: Simulation) -> str:
    """What a line of the comparison is called."""
    wish = told.question.wish
    if line is Line.FINISHED:
        return f"Xong ngay {number(told.found.total if told.found else 0)} hồ sơ"
    if line is Line.TARGET:
        return f"{', '.join(map(target_words, wish.targets))}; còn lại như 30 ngày qua"
    if line is Line.FEWER_LATE:
        return f"Nếu {number(wish.fewer_late)} hồ sơ đã trễ mà đúng hạn"
    return {
        Line.NOW: "Hiện nay",
        Line.PACE: "Phần còn lại của năm như 30 ngày qua",
        Line.NONE_LATE: "Từ nay không hồ sơ nào trễ thêm",
        Line.TOGETHER: "Kết hợp các giả định đã chọn",
    }[line]


def short_name(line: Line, told: Simulation) -> str:
    """The same for a chart."""
    if line is Line.TARGET:
        return ", ".join(map(target_words, told.question.wish.targets))
    shorter = {
        Line.PACE: "Như 30 ngày qua",
        Line.NONE_LATE: "Từ nay không trễ thêm",
        Line.TOGETHER: "Kết hợp",
        Line.FEWER_LATE: f"Bớt {number(told.question.wish.fewer_late)} hồ sơ trễ",
    }
    return shorter.get(line) or line_name(line, told)


def target_words(target: Target) -> str:
    """Đất đai đúng hạn 98 %."""
    return f"{target.name} đúng hạn {decimal(target.rate * 100, trim=True)}{NO_BREAK}%"


def points_words(outcome: Outcome) -> str:
    """1,425; a dash where there are none."""
    return DASH if outcome.points is None else decimal(outcome.points, 4, trim=True)


def headroom_words(judged: Allowance) -> str:
    """What is left of the budget."""
    if not judged.tally.denominator:
        return "chưa có hồ sơ nào"
    if judged.headroom < 0:
        return f"vượt {number(-judged.headroom)}"
    return f"còn được trễ {number(judged.headroom)}"


def outcome_words(outcome: Outcome, judged: Allowance) -> str:
    """A line of the comparison: points, rate with its fraction, what is left, the interval."""
    tally = judged.tally
    told = f"{points_words(outcome)} điểm, đúng hạn {rate(tally.numerator, tally.denominator)}, {headroom_words(judged)}"
    return f"{told}, {band_words(outcome)}" if outcome.low else told


def band_words(outcome: Outcome) -> str:
    """The interval of the rate with both fractions; empty where nothing was estimated."""
    low, high = outcome.low, outcome.high
    if low is None or high is None:
        return ""
    return f"khoảng {rate(low.numerator, low.denominator)} đến {rate(high.numerator, high.denominator)}"


def change_words(found: EditionLines, outcome: Outcome) -> str:
    """How the points differ from those of now; empty where they do not or there are none."""
    if outcome.points is None or found.now.points is None or outcome.points == found.now.points:
        return ""
    return f"{signed_points(outcome.points - found.now.points)} so với hiện nay"


def counted_note(found: EditionLines) -> str:
    """What an edition's moves are about; empty where they are about everything that ends."""
    if found.edition.denominator is not Denominator.RECEIVED:
        return ""
    return (
        "Ở phiên bản này hồ sơ tiếp nhận trong năm đã đứng trong mẫu số ngay khi tiếp nhận, nên hồ sơ còn mở cuối năm cũng là "
        "chưa đúng hạn; chỉ hồ sơ tiếp nhận trong năm được tính."
    )


def signed_points(change: Fraction) -> str:
    """+1,425 or −0,1; one too small for four places has seven."""
    places = 4 if abs(change) >= FINE else 7
    return f"{'+' if change > 0 else '−'}{decimal(abs(change), places, trim=True)}"


def moved_sentence(moved: Moved) -> str:
    """What one assumption adds to the year."""
    about = f"{moved.part}: " if moved.part else ""
    told = f"{about}{MOVES[moved.cause]}: "
    if moved.cause is Cause.RECEIVED:
        return f"{told}{number(moved.received)} hồ sơ vào mẫu số"
    if moved.cause is Cause.FEWER_LATE:
        return f"{told}{number(moved.in_time)}"
    return f"{told}thêm {number(moved.in_time)} đúng hạn, {number(moved.late)} trễ"


def caution_sentence(caution: Caution) -> str:
    """What has to be said beside an outcome."""
    return CAUTIONS[caution]


def pace_sentences(told: Simulation) -> list[str]:
    """What the last days were like, and how long the year still goes on."""
    if told.is_over:
        return [
            f"Kỳ tính điểm năm {told.question.year.year} đã hết: hồ sơ xong từ nay không đổi được số của năm đó."
        ]
    pace, horizon, window = told.pace, told.horizon, told.window
    if pace is None or horizon is None or window is None:
        return []
    late = f"trong đó trễ {rate(pace.late, pace.ended)}" if pace.ended else "chưa tính được tỷ lệ trễ"
    overdue = told.open.overdue if told.open else 0
    return [
        f"30 ngày qua ({window[0]:%d/%m/%Y}–{window[1]:%d/%m/%Y}, {number(horizon.counted)} ngày làm việc): "
        f"xong {number(pace.ended)} hồ sơ có hạn, {late}; tiếp nhận {number(pace.received)}.",
        f"Còn {number(horizon.left)} ngày làm việc đến hết năm {told.question.year.year}.",
        *([f"{number(overdue)} hồ sơ đang quá hạn. {OVERDUE_FIRST}"] if overdue else []),
    ]


# ---------------------------------------------------------------- the list


def minutes_words(minutes: int | None) -> str:
    """Working hours, rounded up: "3 giờ"; unknown stays unknown."""
    return "chưa rõ" if minutes is None else f"{number(-(-minutes // HOUR))} giờ"


def chance_words(row: SavingRow) -> str:
    """How likely it ends late otherwise, and who says so."""
    chance = row.worth.chance
    if chance is None:
        return "chưa rõ"
    return f"{decimal(Fraction(chance, 100), 1)}{NO_BREAK}%"


def saves_words(row: SavingRow) -> str:
    """Late ones spared by a hundred hours of such work: figures that can be compared."""
    per_hour = row.worth.per_hour
    if per_hour is None:
        return "chưa rõ"
    return decimal(per_hour * 100, 2)


def left_words(row: SavingRow, day_minutes: int) -> str:
    """How long it has."""
    return time_left(row.stake.verdict, day_minutes)


def marginal_sentence(told: Simulation) -> str:
    """What one dossier kept in time brings, at the year as it goes on by the pace; never a share of points that are all or nothing."""
    if not told.editions:
        return ""
    found = told.editions[0]
    at = told.lines.index(Line.PACE) if Line.PACE in told.lines else 0
    outcome, judged = found.outcomes[at]
    gain = one_more_in_time(found.edition, outcome.tally)
    when = "nếu phần còn lại của năm như 30 ngày qua" if at else "theo số hiện nay"
    if gain is None:
        return ""
    if gain:
        return f"Mỗi hồ sơ giữ được đúng hạn thêm {decimal(gain, 7, trim=True)} điểm của năm ({when})."
    return (
        f"Mỗi hồ sơ giữ được đúng hạn đưa số trễ về gần ngưỡng thêm 1 ({when}: {headroom_words(judged)}); "
        "dưới ngưỡng thì một hồ sơ riêng lẻ chưa đổi điểm, cả nhóm thì có thể."
    )


def plan_sentences(told: Simulation, listed: Saving) -> list[str]:
    """How many dossiers the list has and on what it rests; what the hours that there are can spare."""
    ranking, chosen = listed.ranking, listed.plan
    if not ranking.total:
        return []
    sentences = [
        f"{number(ranking.total)} hồ sơ chưa trễ, đến hạn trong năm; {number(ranking.tight)} hồ sơ loại này thường cần lâu hơn "
        f"thời gian còn lại, {number(ranking.unknown)} hồ sơ chưa đủ dữ liệu để nói.",
        f"Thời gian thường cần: trung vị của {number(ranking.ended)} hồ sơ xong trong 90 ngày qua, không tính hồ sơ có tạm dừng.",
        _chance_source(ranking),
    ]
    if ranking.is_invented:
        sentences.append(INVENTED)
    if marginal := marginal_sentence(told):
        sentences.append(marginal)
    if chosen is not None:
        sentences.append(_plan_words(chosen.minutes, len(chosen.ids), chosen.chance))
        changed = plan_effect(told, listed)
        if changed and chosen.spared:
            sentences.append(effect_sentence(changed))
    return sentences


def _chance_source(ranking: Ranking) -> str:
    """Who says how likely dossiers are to be late."""
    if not ranking.foreseen:
        return "Khả năng trễ: phần trễ trong các hồ sơ ấy, cùng đơn vị và thủ tục."
    if ranking.foreseen == ranking.total:
        return "Khả năng trễ: theo dự báo."
    return f"Khả năng trễ: theo dự báo ở {number(ranking.foreseen)} hồ sơ; còn lại là phần trễ trong các hồ sơ ấy, cùng đơn vị và thủ tục."


def _plan_words(minutes: int, dossiers: int, chance: int) -> str:
    if not dossiers:
        return "Số giờ này chưa đủ cho hồ sơ nào trong danh sách."
    return (
        f"Với số giờ này: {number(dossiers)} hồ sơ, khoảng {minutes_words(minutes)}, bớt được khoảng "
        f"{decimal(Fraction(chance, CERTAIN), 1)} hồ sơ trễ."
    )


def effect_sentence(found: Effect) -> str:
    """What the spared ones do to the year."""
    before, after = found.before, found.after
    if before.points is None or after.points is None:
        return f"Năm từ {headroom_words(before)} thành {headroom_words(after)}."
    if found.crosses:
        return f"Đủ để vượt ngưỡng: {signed_points(after.points - before.points)} điểm."
    if after.points > before.points:
        return f"Điểm của năm {signed_points(after.points - before.points)}."
    return (
        f"Đưa về gần ngưỡng: từ {headroom_words(before)} còn {headroom_words(after)}; điểm chưa đổi "
        f"({percent(after.tally.numerator, after.tally.denominator)})."
    )
