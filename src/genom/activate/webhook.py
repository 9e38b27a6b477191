"""The platform that every recipient can build: signed JSON over HTTPS.

POST {url}/members with `{"what", "key", "members"}`; the answer is `{"state": "done"}`, or `{"state": "pending",
"job": "…"}`, about which GET {url}/jobs/{job} is asked.  `X-Genom-Signature: t=<unix s>,v1=<hex>` is the HMAC-SHA256
under the destination's secret of `<t>.<method> <path>`, a line feed, and the body.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR
from ssl import create_default_context
from threading import Timer
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

from genom.activate.platform import Answer, Batch, Outcome
from genom.typed import from_json

__all__ = ["Webhook"]

_LONGEST: Final = 65_536  # bytes of an answer
_JOB: Final = 200  # characters of a job's name
_SECONDS: Final = 20.0  # without a byte
_WHOLE: Final = 50.0  # seconds for request and answer: a byte now and then would hold the thread for days


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
        signature = hmac.digest(self._secret, f"{at}.{method} {to.path}\n".encode() + body, "sha256").hex()
        headers = {"content-type": "application/json", "x-genom-signature": f"t={at},v1={signature}"}
        try:
            connection = (
                HTTPSConnection(to.netloc, timeout=_SECONDS, context=create_default_context())
                if to.scheme == "https"
                else HTTPConnection(to.netloc, timeout=_SECONDS)
            )
            with closing(connection):
                connection.connect()
                with _ended_after(_WHOLE, connection):
                    connection.request(method, to.path, body or None, headers)
                    reply = connection.getresponse()
                    content = reply.read(_LONGEST + 1)
        except (OSError, HTTPException, ValueError) as error:  # an address can be wrong in many ways
            return Answer(Outcome.FAILED, why=type(error).__name__)
        if len(content) > _LONGEST:
            return Answer(Outcome.FAILED, why="the answer is too long")
        return _read(reply.status, content)


@contextmanager
def _ended_after(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """Cut the connection when its time is over; whoever reads then gets an error."""
    socket = connection.sock

    def cut() -> None:
        with suppress(OSError):
            socket.shutdown(SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(status: int, content: bytes) -> Answer:
    if status not in {200, 202}:
        return Answer(Outcome.FAILED, why=f"status {status}")
    try:
        told = from_json(content, _Told)
    except msgspec.DecodeError:
        return Answer(Outcome.FAILED, why="the answer cannot be read")
    if told.state is Outcome.PENDING and not 0 < len(told.job) <= _JOB:
        return Answer(Outcome.FAILED, why="it names no job")
    return Answer(told.state, job=told.job, why="the recipient says so" if told.state is Outcome.FAILED else "")
