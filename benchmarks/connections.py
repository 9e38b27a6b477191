"""Keep-alive connections of the load generator: what is under way on each, and what came back."""

from __future__ import annotations

import ctypes
import os
import select
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from answers import Good, is_complete

__all__ = ["NS", "Connections", "Load", "ticking"]

NS = 1_000_000_000
TIMER = struct.Struct("qqqq")  # itimerspec: interval and first expiry, each seconds and nanoseconds
ABSOLUTE = 1  # TFD_TIMER_ABSTIME: the first expiry is a time of the monotonic clock, as perf_counter_ns tells it


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


class Connections:
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


def ticking(first_ns: int, interval_ns: int) -> int:
    """A file descriptor that wakes epoll when a request is due: epoll's own timeout is only good to a millisecond."""
    libc = ctypes.CDLL(None, use_errno=True)
    timer = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK)
    spec = TIMER.pack(*divmod(interval_ns, NS), *divmod(first_ns, NS))
    if timer < 0 or libc.timerfd_settime(timer, ABSOLUTE, spec, None) < 0:
        raise OSError(ctypes.get_errno(), "timerfd")
    return int(timer)
