"""An HTTP/1.1 load generator in one thread: raw sockets, epoll, keep-alive, closed or open loop.

Closed loop: each connection sends its next request as soon as the last is answered.
Open loop: requests are due at a fixed rate, and latency counts from when a request was *due*, so that a node
that stalls is charged for the requests that had to wait (no coordinated omission).

    python benchmarks/loadgen.py --url http://127.0.0.1:8765 --write-key KEY --events 100 --rate 600 --seconds 10
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import select
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

import numpy as np
from event_block import EventBlock

__all__ = ["Load", "Outcome", "accepted_tail", "all_accepted", "run"]

NS = 1_000_000_000
DRAIN_SECONDS = 30  # how long after the end answers may still come in
TIMER = struct.Struct("qqqq")  # itimerspec: interval and first expiry, each seconds and nanoseconds
ABSOLUTE = 1  # TFD_TIMER_ABSTIME: the first expiry is a time of the monotonic clock, as perf_counter_ns tells it

Good = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to send, how fast and how long."""

    address: tuple[str, int]
    take: Callable[[], bytes | memoryview]  # the next whole request
    good: Good  # is this whole answer what it should be?
    tail: bytes = b"\0"  # an answer of status 200 that ends like this is whole and good: no need to take it apart
    seconds: float  # measured time
    warm_seconds: float = 1.0  # sent before it, not measured
    rate: float | None = None  # requests a second; None = closed loop
    connections: int = 32
    requests: int | None = None  # stop after so many


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Answers of the measured time; latencies in ms."""

    requests: int = 0
    requests_per_second: float = 0.0
    latency_ms: dict[str, float] = field(default_factory=dict)
    late_ms: dict[str, float] = field(default_factory=dict)  # how late a request left, although it was due
    errors: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    generator_us_per_request: float = 0.0  # own processor time


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


def percentiles(nanoseconds: list[int]) -> dict[str, float]:
    """p50, p90, p99, p99.9 and the largest, in ms."""
    if not nanoseconds:
        return {}
    values = np.asarray(nanoseconds) / 1e6
    names = ("p50", "p90", "p99", "p99.9", "max")
    return dict(zip(names, np.percentile(values, (50, 90, 99, 99.9, 100)).round(3).tolist(), strict=True))


def ticking(first_ns: int, interval_ns: int) -> int:
    """A file descriptor that wakes epoll when a request is due: epoll's own timeout is only good to a millisecond."""
    libc = ctypes.CDLL(None, use_errno=True)
    timer = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK)
    spec = TIMER.pack(*divmod(interval_ns, NS), *divmod(first_ns, NS))
    if timer < 0 or libc.timerfd_settime(timer, ABSOLUTE, spec, None) < 0:
        raise OSError(ctypes.get_errno(), "timerfd")
    return int(timer)


class Generator:
    """The connections, what is under way on each, and what came back."""

    def __init__(self, load: Load) -> None:
        self.load, self.poll = load, select.epoll()
        self.sockets: dict[int, socket.socket] = {}
        self.due: dict[int, int] = {}  # connection → when its request was due, ns
        self.rest: dict[int, bytes] = {}  # bytes of a request that the socket did not take yet
        self.partial: dict[int, bytes] = {}  # bytes of an answer that is not whole yet
        self.idle: deque[int] = deque()
        self.latencies: list[int] = []
        self.late: list[int] = []
        self.errors: Counter[str] = Counter()
        self.measured_from, self.timer = 0, -1
        for _ in range(load.connections):
            self.connect()

    def connect(self) -> None:
        """Open one more connection."""
        one = socket.create_connection(self.load.address)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 262_144)
        one.setblocking(False)
        self.sockets[one.fileno()] = one
        self.idle.append(one.fileno())
        self.poll.register(one.fileno(), select.EPOLLIN)

    def lose(self, fd: int, why: str) -> None:
        """The connection broke: count it, put a new one in its place."""
        self.errors[why] += 1
        self.poll.unregister(fd)
        self.sockets.pop(fd).close()
        for state in (self.due, self.rest, self.partial):
            state.pop(fd, None)
        if fd in self.idle:
            self.idle.remove(fd)
        self.connect()

    def send(self, fd: int, due: int) -> None:
        """Send the next request on an idle connection."""
        self.due[fd] = due
        request = self.load.take()
        try:
            sent = self.sockets[fd].send(request)
        except BlockingIOError:
            sent = 0
        except OSError as broken:
            self.lose(fd, type(broken).__name__)
            return
        if sent < len(request):
            self.rest[fd] = bytes(request[sent:])
            self.poll.modify(fd, select.EPOLLIN | select.EPOLLOUT)

    def send_rest(self, fd: int) -> None:
        """Go on with a request that did not fit into the socket's buffer."""
        rest = self.rest.get(fd, b"")
        try:
            rest = rest[self.sockets[fd].send(rest) :]
        except BlockingIOError:
            return
        except OSError as broken:
            self.lose(fd, type(broken).__name__)
            return
        self.rest[fd] = rest
        if not rest:
            del self.rest[fd]
            self.poll.modify(fd, select.EPOLLIN)

    def receive(self, fd: int) -> None:
        """Take what arrived; if the answer is whole, check it and note its latency."""
        try:
            answer = self.sockets[fd].recv(65_536)
        except BlockingIOError:
            return
        except OSError as broken:
            self.lose(fd, type(broken).__name__)
            return
        if not answer or fd not in self.due:
            self.lose(fd, "unasked" if answer else "closed")
            return
        if fd in self.partial:
            answer = self.partial.pop(fd) + answer
        as_wished = answer.startswith(b"HTTP/1.1 200") and answer.endswith(self.load.tail)
        if not (as_wished or is_complete(answer)):
            self.partial[fd] = answer
            return
        due = self.due.pop(fd)
        if due >= self.measured_from:
            self.latencies.append(time.perf_counter_ns() - due)
        if not (as_wished or self.load.good(answer)):
            self.errors[answer[9:12].decode("ascii", "replace")] += 1
        self.idle.append(fd)

    def handle(self, fd: int, what: int) -> None:
        """One thing that epoll reports about a connection."""
        if fd == self.timer:
            os.read(fd, 8)  # reading arms its next tick
        if fd not in self.sockets:
            return  # the timer, or a connection that was just replaced
        if what & select.EPOLLOUT:
            self.send_rest(fd)
        if what & ~select.EPOLLOUT and fd in self.sockets:
            self.receive(fd)


def closed_loop(generator: Generator, end: int) -> int:
    """Each connection sends as soon as it is answered; returns the requests sent."""
    idle, sent, most = generator.idle, 0, generator.load.requests or 1 << 62
    while (now := time.perf_counter_ns()) < end and sent < most:
        while idle and sent < most:
            generator.send(idle.popleft(), time.perf_counter_ns())
            sent += 1
        for fd, what in generator.poll.poll(min(1.0, (end - now) / NS)):
            generator.handle(fd, what)
    return sent


def open_loop(generator: Generator, start: int, end: int) -> int:
    """Requests are due at a fixed rate and wait in line for a free connection; returns the requests sent."""
    assert generator.load.rate, "an open loop needs a rate"
    interval = int(NS / generator.load.rate)
    generator.timer = ticking(start, interval)
    generator.poll.register(generator.timer, select.EPOLLIN)
    idle, due, sent = generator.idle, start, 0
    while due < end and time.perf_counter_ns() < end + DRAIN_SECONDS * NS:
        now = time.perf_counter_ns()
        while idle and due <= now and due < end:
            if due >= generator.measured_from:
                generator.late.append(now - due)
            generator.send(idle.popleft(), due)
            due, sent = due + interval, sent + 1
        for fd, what in generator.poll.poll(1.0):
            generator.handle(fd, what)
    generator.poll.unregister(generator.timer)
    os.close(generator.timer)
    return sent + max(0, (end - due) // interval)


def drain(generator: Generator) -> int:
    """Wait for the answers under way; returns how many never came."""
    last = time.perf_counter_ns() + DRAIN_SECONDS * NS
    while generator.due and time.perf_counter_ns() < last:
        for fd, what in generator.poll.poll(0.5):
            generator.handle(fd, what)
    unanswered = len(generator.due)
    for one in generator.sockets.values():
        one.close()
    return unanswered


def run(load: Load) -> Outcome:
    """Send the load and report the measured part of it."""
    generator = Generator(load)
    gc.collect()
    gc.disable()  # no pause of our own in the node's latency
    start, used = time.perf_counter_ns(), time.process_time()
    generator.measured_from = start + int(load.warm_seconds * NS)
    end = generator.measured_from + int(load.seconds * NS)
    sent = open_loop(generator, start, end) if load.rate else closed_loop(generator, end)
    used, stopped = time.process_time() - used, time.perf_counter_ns()
    unanswered = drain(generator)
    gc.enable()
    seconds = (max(stopped, generator.measured_from + 1) - generator.measured_from) / NS
    return Outcome(
        requests=len(generator.latencies),
        requests_per_second=round(len(generator.latencies) / seconds, 1),
        latency_ms=percentiles(generator.latencies),
        late_ms=percentiles(generator.late),
        errors=dict(generator.errors),
        unanswered=unanswered,
        generator_us_per_request=round(used / max(sent, 1) * 1e6, 2),
    )


def main() -> None:
    """Send events to a node that runs and print the outcome as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--write-key", required=True)
    parser.add_argument("--events", type=int, default=100, help="events a request")
    parser.add_argument("--rate", type=float, help="requests a second; without it a closed loop")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--warm-seconds", type=float, default=1.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--people", type=int, default=200_000)
    asked = parser.parse_args()
    at = urlsplit(asked.url)
    block = EventBlock(
        host=at.netloc, write_key=asked.write_key, events=asked.events, people=asked.people, seed=os.getpid()
    )
    outcome = run(
        Load(
            address=(at.hostname or "127.0.0.1", at.port or 80),
            take=block.take,
            good=all_accepted(asked.events),
            tail=accepted_tail(asked.events),
            seconds=asked.seconds,
            warm_seconds=asked.warm_seconds,
            rate=asked.rate,
            connections=asked.connections,
        )
    )
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
