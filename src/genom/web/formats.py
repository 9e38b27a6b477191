"""Numbers, shares, money and times as a language writes them (Babel), for templates and views."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal

__all__ = ["Formats"]

_LOCALES: Final = {"en": "en_GB", "de": "de_DE"}
_DAY: Final = {"en": "d MMM y", "de": "dd.MM.y"}
_SHORT_DAY: Final = {"en": "d MMM", "de": "dd.MM."}
_STEPS: Final = ((90, "second", 1), (90 * 60, "minute", 60), (36 * 3600, "hour", 3600), (math.inf, "day", 86400))
_LONG: Final = 1e12  # more digits than a decimal of Python holds after rounding are left to Babel


@lru_cache(maxsize=4_096)
def _decimal(value: Decimal, digits: int, locale: Locale) -> str:
    """A rounded number; a page writes few different ones, each many times."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=locale))


class Formats:
    """One language's ways to write values; the zone is where the node stands unless another is given.

    >>> Formats("de").number(1234567.891), Formats("en").number(1234567.891)
    ('1.234.567,9', '1,234,567.9')
    >>> Formats("en").number(-0.04), Formats("en").number(1e20)
    ('0.0', '100,000,000,000,000,000,000')
    >>> Formats("de").percent(0.101), Formats("en").money(1234.5, "EUR"), Formats("de").signed(-0.5)
    ('10,1\\xa0%', '€1,234.50', '\N{MINUS SIGN}0,50')
    """

    def __init__(self, language: str, zone: tzinfo | None = None) -> None:
        self.language = language
        self._locale = Locale.parse(_LOCALES[language])
        self._zone = zone

    def number(self, value: float, digits: int | None = None) -> str:
        """A number with separators; by default one decimal, and none for whole numbers."""
        if not math.isfinite(value):
            return "\N{EN DASH}"
        if digits is None:
            digits = 0 if float(value).is_integer() else 1
        exact = Decimal(repr(float(value)))
        rounded = exact.quantize(Decimal(1).scaleb(-digits)) if abs(value) < _LONG else exact
        return _decimal(rounded or abs(rounded), digits, self._locale)  # nobody reads -0

    def signed(self, value: float, digits: int = 2) -> str:
        """A difference with its sign, a true minus."""
        sign = (
            "\N{MINUS SIGN}" if round(value, digits) < 0 else "+" if round(value, digits) > 0 else "\N{PLUS-MINUS SIGN}"
        )
        return sign + self.number(abs(value), digits)

    def percent(self, share: float, digits: int = 1) -> str:
        """A share of one in per cent; whole shares have no decimals."""
        value = share * 100
        figure = self.number(value, 0 if value in {0, 100} else digits)
        return f"{figure}\N{NO-BREAK SPACE}%" if self.language == "de" else f"{figure}%"

    def money(self, value: float, currency: str = "EUR") -> str:
        """An amount, with the decimals that its currency has."""
        if not math.isfinite(value):
            return "\N{EN DASH}"
        return str(format_currency(Decimal(repr(float(value))), currency, locale=self._locale))

    def date(self, ms: int) -> str:
        """A day, of unix ms."""
        return self._written(ms, _DAY[self.language])

    def moment(self, ms: int) -> str:
        """Day and minute."""
        return self._written(ms, f"{_DAY[self.language]} HH:mm")

    def brief(self, ms: int) -> str:
        """Day without its year, and minute."""
        return self._written(ms, f"{_SHORT_DAY[self.language]} HH:mm")

    def clock(self, ms: int) -> str:
        """Time of the day with seconds."""
        return self._written(ms, "HH:mm:ss")

    def iso(self, ms: int) -> str:
        """The moment for machines (`<time datetime>`)."""
        return self._when(ms).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def offset(self) -> int:
        """Minutes by which the zone is ahead of UTC now: charts tell the same time as the page around them.

        >>> from datetime import timedelta, timezone
        >>> Formats("de", timezone(timedelta(hours=2))).offset()
        120
        """
        ahead = datetime.now(UTC).astimezone(self._zone).utcoffset() or timedelta()
        return round(ahead.total_seconds() / 60)

    def ago(self, ms: int, now: int) -> str:
        """How long ago, in words.

        >>> Formats("de").ago(0, 180_000), Formats("en").ago(0, 90_000_000)
        ('vor 3 Minuten', '25 hours ago')
        """
        seconds = max(1_000, now - ms) / 1000  # zero would be the future to Babel
        _, unit, size = next(step for step in _STEPS if seconds < step[0])
        whole = timedelta(seconds=-int(seconds // size) * size)
        return str(
            format_timedelta(whole, granularity=unit, threshold=1e9, add_direction=True, locale=self._locale)  # type: ignore[arg-type]
        )

    def _written(self, ms: int, pattern: str) -> str:
        return str(format_datetime(self._when(ms), pattern, locale=self._locale))

    def _when(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone)
