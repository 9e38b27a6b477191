"""The ways in which a text can stand in a file: encodings, escapes, and what base64 hides."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Final
from unicodedata import normalize
from urllib.parse import quote, quote_plus

__all__ = ["SHORTEST", "Forms", "forms_of", "within"]

SHORTEST: Final = 4  # characters of a text that is searched for: a shorter one stands everywhere by chance

Forms = Mapping[str, bytes]


def forms_of(text: str) -> dict[str, bytes]:
    """The bytes by which a text is found; ASCII is compared without regard to case, but for base64.

    Beyond ASCII the text is looked for as it is, in lower and upper case, composed and decomposed.  Base64 is made
    of each of these; what it hides in a mixture of cases is found by `coded.said`.

    >>> forms = forms_of("Ärger")
    >>> forms["json"], forms["url"], forms["base64+0"]
    (b'\\\\u00c4rger', b'%c3%84rger', b'w4RyZ2Vy')
    """
    found = dict[str, bytes]()
    for number, one in enumerate(_spellings(text)):
        mark = f" ({number})" if number else ""  # the spelling, where it is not the text as it was given
        found |= {name + mark: form.lower() for name, form in _written(one).items()}
        found |= {name + mark: form for name, form in _in_base64(one).items()}
    distinct = dict[str, bytes]()
    for name, form in found.items():
        if len(form) >= SHORTEST and form not in distinct.values():
            distinct[name] = form
    return distinct


def within(data: bytes, needles: Mapping[str, Forms], *, after: int = 0) -> Iterator[tuple[str, str, int]]:
    """Texts, forms and places; what ends within the first `after` bytes was found before."""
    folded = data.lower()
    for text, forms in needles.items():
        for form, needle in forms.items():
            where = data if form.startswith("base64") else folded
            place = where.find(needle, max(0, after - len(needle) + 1))
            while place >= 0:
                yield text, form, place
                place = where.find(needle, place + len(needle))


def _spellings(text: str) -> list[str]:
    """The text first, then what somebody may have made of its letters; ASCII needs none of that for itself."""
    cases = (text, text.lower(), text.upper(), text.casefold())
    made = [one if form is None else normalize(form, one) for one in cases for form in (None, "NFC", "NFD")]
    return list(dict.fromkeys(made))


def _written(text: str) -> dict[str, bytes]:
    plain = text.encode("utf-8", "surrogatepass")
    escaped, whole = json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]
    return {
        "utf-8": plain,
        "utf-16": text.encode("utf-16-le", "surrogatepass"),
        "utf-16-be": text.encode("utf-16-be", "surrogatepass"),
        "latin-1": text.encode("latin-1", "ignore") if text.isprintable() and _is_latin(text) else b"",
        "hex": plain.hex().encode(),
        "json": escaped.encode(),
        "json, whole letters": whole.encode("utf-8", "surrogatepass"),
        "json, slashes": escaped.replace("/", "\\/").encode(),
        "json, whole letters, slashes": whole.replace("/", "\\/").encode("utf-8", "surrogatepass"),
        "url": quote(plain, safe="").encode(),
        "url, path": quote(plain).encode(),
        "url, whole": quote(plain, safe="/:;,?@&=+$!~*'()#").encode(),
        "form": quote_plus(plain, safe="").encode(),
        "html": html.escape(text).encode("utf-8", "surrogatepass"),
        "html, numbers": html.escape(text).encode("ascii", "xmlcharrefreplace"),
    }


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)


def _in_base64(text: str) -> dict[str, bytes]:
    found = dict[str, bytes]()
    plain, wide = text.encode("utf-8", "surrogatepass"), text.encode("utf-16-le", "surrogatepass")
    for name, data in (("base64", plain), ("base64 utf-16", wide)):
        for skipped in range(3):  # where the text begins within a group of three bytes
            lost = (len(data) + skipped) % 3
            first = (0, 2, 3)[skipped]
            for letters, encode in (("", b64encode), (" url", urlsafe_b64encode)):
                whole = encode(bytes(skipped) + data)
                found[f"{name}{letters}+{skipped}"] = whole[first : len(whole) - (4 if lost else 0)]
    return found
