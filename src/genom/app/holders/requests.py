"""Requests that people have made about their data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from genom.app.commit import now_ms
from genom.app.rights.requests import Requests
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["RequestHolder"]


class RequestHolder:
    """Rows of the catalogue's table; the catalogue's own holder names the files."""

    name = "requests"
    files: tuple[str, ...] = ()

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def find(self, subject: Subject) -> Iterator[Found]:
        """Requests under the person's ids, by what they ask for."""
        return tallied(one.kind for one in self._requests.of(subject.public))

    def count(self, subject: Subject) -> Count:
        """Requests under the person's ids."""
        return Count(records=len(self._requests.of(subject.public)))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """These requests."""
        return (msgspec.to_builtins(one) for one in self._requests.of(subject.public))

    def drop(self, subject: Subject) -> None:
        """They serve nothing but their own answer."""

    def erase(self, subject: Subject) -> Erased:
        """Id and words go; the next holder shreds the write-ahead log."""
        gone = self._requests.cut(subject.public, now=now_ms())
        return Erased(records=gone, kept="that there was a request, its kind, dates and receipt, without whose it was")
