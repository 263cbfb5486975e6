"""Dates of HTTP (RFC 7231 §7.1.1.1), from a number of seconds: there is no clock here."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["http_date"]

DAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # 1970-01-01 was a Thursday.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(seconds: float) -> str:
    """Return an IMF-fixdate, ``Sun, 06 Nov 1994 08:49:37 GMT``, of seconds since the epoch.

    The names are English whatever the locale. Up to the year 9999.
    """
    return _date(int(seconds))


@lru_cache(maxsize=1)  # a server gives the same one to all that come in a second
def _date(seconds: int) -> str:
    days, second = divmod(seconds, 86_400)
    year, month, day = _civil_date(days)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{DAYS[days % 7]}, {day:02} {MONTHS[month - 1]} {year:04} {clock} GMT"


def _civil_date(days: int) -> tuple[int, int, int]:
    # Years that begin in March, so that a leap day is the last of its year, in eras
    # of 400 years, which all have 146,097 days. It spares the import of datetime.
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    year = era * 400 + year_of_era + (month >= 10)
    return year, month + 3 if month < 10 else month - 9, day
