"""Is an answer whole, and is it the one that was wished for?"""

from __future__ import annotations

import json
from collections.abc import Callable

__all__ = ["Good", "accepted_tail", "all_accepted", "is_complete"]

Good = Callable[[bytes], bool]


def all_accepted(count: int) -> Good:
    """Status 200 and every event taken.

    >>> all_accepted(1)(b'HTTP/1.1 200 OK\\r\\n\\r\\n{"success": true, "accepted": 1, "rejected": []}')
    True
    """

    def good(answer: bytes) -> bool:
        head, _, body = answer.partition(b"\r\n\r\n")
        return head.startswith(b"HTTP/1.1 200") and bool(json.loads(body)["accepted"] == count)

    return good


def accepted_tail(count: int) -> bytes:
    """How the answer ends if every event was taken.

    >>> accepted_tail(1)
    b'"accepted":1,"rejected":[]}'
    """
    return b'"accepted":%d,"rejected":[]}' % count


def is_complete(answer: bytes) -> bool:
    """Does an answer hold its head and as many bytes of body as the head says?

    >>> is_complete(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}"), is_complete(b"HTTP/1.1 200 OK")
    (True, False)
    """
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    if b"chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    return True
