"""How the table of who had a dossier in hand tells working time: days and hours, so that what overran adds up. Pure."""

from app.presenters import number

HOUR = 60


def length(minutes: int, day_minutes: int) -> str:
    """Working minutes as "2 ngày 3 giờ", "2 ngày", "3 giờ 20 phút", "45 phút"; minutes are left out from a day on."""
    days, rest = divmod(minutes, day_minutes)
    hours, left = divmod(rest, HOUR)
    if days:
        return f"{number(days)} ngày {hours} giờ" if hours else f"{number(days)} ngày"
    if hours:
        return f"{hours} giờ {left} phút" if left else f"{hours} giờ"
    return f"{left} phút"
