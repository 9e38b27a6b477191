"""Numbers, amounts, shares and times as a language writes them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

__all__ = ["amount", "date", "moment", "number", "percent", "signed"]

_GERMAN: Final = str.maketrans(",.", ".,")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£"}


def number(value: float, language: str, *, digits: int | None = None) -> str:
    """A number with separators; by default one decimal, and none for whole numbers and from a hundred on.

    >>> number(1234567, "de"), number(1234.5, "en", digits=2), number(2.0, "en")
    ('1.234.567', '1,234.50', '2')
    """
    if not math.isfinite(value):
        return "-"
    if digits is None:
        digits = 0 if float(value).is_integer() or abs(value) >= 99.95 else 1
    return _localised(f"{value:,.{digits}f}", language)


def signed(value: float, language: str) -> str:
    """A contribution with its sign.

    >>> signed(-0.5, "de"), signed(0.0, "en")
    ('-0,50', '0.00')
    """
    return _localised(f"{value:+,.2f}" if round(value, 2) else "0.00", language)


def percent(share: float, language: str) -> str:
    """A share of one in per cent.

    >>> percent(0.41, "de"), percent(1.0, "en"), percent(0.0004, "en")
    ('41,0 %', '100 %', '0.04 %')
    """
    value = share * 100
    digits = 0 if value in (0.0, 100.0) else 1 if value >= 0.1 else 2
    return f"{number(value, language, digits=digits)} %"


def amount(value: float, currency: str, language: str) -> str:
    """An amount of money.

    >>> amount(1234.5, "EUR", "de"), amount(1234.5, "EUR", "en"), amount(-3, "CHF", "en")
    ('1.234,50 €', '€1,234.50', 'CHF -3.00')
    """
    figure, sign = number(value, language, digits=2), _SIGNS.get(currency, currency)
    if language == "de":
        return f"{figure} {sign}"
    return f"{sign} {figure}" if len(sign) > 1 else f"-{sign}{figure[1:]}" if value < 0 else f"{sign}{figure}"


def date(text: str, language: str) -> str:
    """The day of an RFC 3339 time, in UTC; what is no time stays as it is.

    >>> date("2026-01-31T12:05:00.000Z", "de"), date("2026-01-31T12:05:00.000Z", "en")
    ('31.01.2026', '31 Jan 2026')
    """
    when = _parsed(text)
    return text if when is None else _day(when, language)


def moment(text: str, language: str) -> str:
    """Day and minute of an RFC 3339 time, in UTC.

    >>> moment("2026-01-31T12:05:00.000Z", "de")
    '31.01.2026 12:05'
    """
    when = _parsed(text)
    return text if when is None else f"{_day(when, language)} {when:%H:%M}"


def _day(when: datetime, language: str) -> str:
    return f"{when:%d.%m.%Y}" if language == "de" else f"{when:%d} {_MONTHS[when.month - 1]} {when:%Y}"


def _parsed(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)


def _localised(figure: str, language: str) -> str:
    return figure.translate(_GERMAN) if language == "de" else figure
