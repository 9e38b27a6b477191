"""Currencies by their letters.

Source: ISO 4217, list one; the currencies of the countries where most of retail is sold.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["CURRENCIES", "UNKNOWN_CURRENCY", "currency_number"]

UNKNOWN_CURRENCY: Final = 0xFFFF  # a currency was named, and it is none of these

CURRENCIES: Final[dict[str, int]] = {
    "AED": 784,
    "ARS": 32,
    "AUD": 36,
    "BGN": 975,
    "BRL": 986,
    "CAD": 124,
    "CHF": 756,
    "CLP": 152,
    "CNY": 156,
    "COP": 170,
    "CZK": 203,
    "DKK": 208,
    "EGP": 818,
    "EUR": 978,
    "GBP": 826,
    "HKD": 344,
    "HRK": 191,
    "HUF": 348,
    "IDR": 360,
    "ILS": 376,
    "INR": 356,
    "ISK": 352,
    "JPY": 392,
    "KRW": 410,
    "MAD": 504,
    "MXN": 484,
    "MYR": 458,
    "NGN": 566,
    "NOK": 578,
    "NZD": 554,
    "PEN": 604,
    "PHP": 608,
    "PKR": 586,
    "PLN": 985,
    "QAR": 634,
    "RON": 946,
    "RSD": 941,
    "RUB": 643,
    "SAR": 682,
    "SEK": 752,
    "SGD": 702,
    "THB": 764,
    "TRY": 949,
    "TWD": 901,
    "UAH": 980,
    "USD": 840,
    "VND": 704,
    "ZAR": 710,
}


def currency_number(code: Any, reporting: str) -> int:
    """The ISO 4217 number of a currency; without a code it is the reporting currency.

    >>> currency_number("usd", "EUR"), currency_number(None, "EUR"), currency_number("points", "EUR")
    (840, 978, 65535)
    """
    if code is None or code == "":
        code = reporting
    if type(code) is not str:
        return UNKNOWN_CURRENCY
    return CURRENCIES.get(code) or CURRENCIES.get(code[:40].strip().upper(), UNKNOWN_CURRENCY)
