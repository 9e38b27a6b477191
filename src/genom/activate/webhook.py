"""The platform that every recipient can build: signed JSON over HTTPS.

POST {url}/members with `{"what", "key", "members"}`; the answer is `{"state": "done"}`, or `{"state": "pending",
"job": "…"}`, about which GET {url}/jobs/{job} is asked.  `X-Genom-Signature: t=<unix s>,v1=<hex>` is the HMAC-SHA256
of `t.body` under the destination's secret.
"""

from __future__ import annotations

import hmac
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import create_default_context
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

from genom.activate.platform import Answer, Batch, Outcome

__all__ = ["Webhook"]

_LONGEST: Final = 65_536  # bytes of an answer
_JOB: Final = 200  # characters of a job's name
_SECONDS: Final = 20.0


class _Told(msgspec.Struct):
    state: Outcome
    job: str = ""
    why: str = ""


class Webhook:
    """Sends batches of one destination; it follows no redirect and uses no proxy of the environment."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def send(self, batch: Batch) -> Answer:
        """Hand over a batch."""
        body = msgspec.json.encode({"what": batch.what, "key": batch.key, "members": batch.members})
        return self._asked("POST", f"{batch.url.rstrip('/')}/members", body)

    def ask(self, batch_url: str, job: str) -> Answer:
        """How far a job is."""
        return self._asked("GET", f"{batch_url.rstrip('/')}/jobs/{quote(job, safe='')}", b"")

    def _asked(self, method: str, url: str, body: bytes) -> Answer:
        at, to = str(int(time.time())), urlsplit(url)
        signature = hmac.digest(self._secret, at.encode() + b"." + body, "sha256").hex()
        headers = {"content-type": "application/json", "x-genom-signature": f"t={at},v1={signature}"}
        try:
            connection = (
                HTTPSConnection(to.netloc, timeout=_SECONDS, context=create_default_context())
                if to.scheme == "https"
                else HTTPConnection(to.netloc, timeout=_SECONDS)
            )
            with closing(connection):
                connection.request(method, to.path, body or None, headers)
                reply = connection.getresponse()
                content = reply.read(_LONGEST + 1)
        except (OSError, HTTPException, ValueError) as error:  # an address can be wrong in many ways
            return Answer(Outcome.FAILED, why=type(error).__name__)
        if len(content) > _LONGEST:
            return Answer(Outcome.FAILED, why="the answer is too long")
        return _read(reply.status, content)


def _read(status: int, content: bytes) -> Answer:
    if status not in {200, 202}:
        return Answer(Outcome.FAILED, why=f"status {status}")
    try:
        told = msgspec.json.decode(content, type=_Told)
    except msgspec.DecodeError:
        return Answer(Outcome.FAILED, why="the answer cannot be read")
    if told.state is Outcome.PENDING and not 0 < len(told.job) <= _JOB:
        return Answer(Outcome.FAILED, why="it names no job")
    return Answer(told.state, job=told.job, why="the recipient says so" if told.state is Outcome.FAILED else "")
