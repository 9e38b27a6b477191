"""Forms: read with limits, refused in words."""

from __future__ import annotations

import pytest

from genom.errors import BadRequest
from genom.web import form_of

FORM = "application/x-www-form-urlencoded"


def test_fields_are_decoded() -> None:
    form = form_of(b"name=M%C3%BCller+%26+S%C3%B6hne&empty=&n=1&n=2", f"{FORM}; charset=utf-8")

    assert (form["name"], form["empty"], form["n"], form.all("n")) == ("Müller & Söhne", "", "2", ["1", "2"])


def test_no_body_is_an_empty_form() -> None:
    assert dict(form_of(b"", "")) == {}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"a=1", ""),
        (b"a=1", "text/plain"),
        (b"a=%ff", FORM),
        (b"a=\xff", FORM),
        (b"a=" + b"x" * 70_000, FORM),
        (b"&".join(b"f%d=1" % n for n in range(201)), FORM),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(BadRequest):
        form_of(body, kind)


def test_line_ends_are_one_character_and_zeros_vanish() -> None:
    assert form_of(b"t=a%0D%0Ab%00", FORM)["t"] == "a\nb"
