"""Forms as browsers send them: URL-encoded, with limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from genom.errors import BadRequest

__all__ = ["Form", "form_of"]

FORM_FIELDS: Final = 200  # most fields, unless a page asks for more
FORM_BYTES: Final = 64_000  # largest form that is read


class Form(Mapping[str, str]):
    """Fields of a form; a name that stands there more than once counts with its last value.

    >>> form = form_of(b"a=1&b=x+y&a=2", "application/x-www-form-urlencoded")
    >>> form["a"], form.all("a"), form.get("c", "")
    ('2', ['1', '2'], '')
    """

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def all(self, name: str) -> list[str]:
        """Every value of a name, in order."""
        return [value for known, value in self._pairs if known == name]


def form_of(body: bytes, content_type: str, *, fields: int = FORM_FIELDS) -> Form:
    """The form in a request's body.

    Raises BadRequest if it is too large, has too many fields, is not UTF-8 or is no form.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if body and kind != "application/x-www-form-urlencoded":
        raise BadRequest("This is no form.", why=f"its type is {kind[:60]!r}", fix="send it from the page")
    if len(body) > FORM_BYTES:
        raise BadRequest("The form is too large.", why=f"more than {FORM_BYTES} bytes", fix="shorten what you entered")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=fields, encoding="utf-8", errors="strict"
        )
    except ValueError as error:
        raise BadRequest("The form cannot be read.", why=str(error), fix="send it from the page") from error
    return Form([(name, value.replace("\r\n", "\n").replace("\0", "")) for name, value in pairs])
