"""An HTTP/1.1 load generator in one thread: raw sockets, epoll, keep-alive, closed or open loop.

Closed loop: each connection sends its next request as soon as the last is answered.
Open loop: requests are due at a fixed rate, and latency counts from when a request was *due*, so that a node
that stalls is charged for the requests that had to wait (no coordinated omission).

    python benchmarks/loadgen.py --url http://127.0.0.1:8765 --write-key KEY --events 100 --rate 600 --seconds 10
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import select
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

import numpy as np
from answers import accepted_tail, all_accepted
from connections import NS, Connections, Load, ticking
from event_block import EventBlock

__all__ = ["Outcome", "percentiles", "run", "run_with_latencies"]

DRAIN_SECONDS = 30  # how long after the end answers may still come in


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


def percentiles(nanoseconds: list[int]) -> dict[str, float]:
    """p50, p90, p99, p99.9 and the largest, in ms."""
    if not nanoseconds:
        return {}
    values = np.asarray(nanoseconds) / 1e6
    names = ("p50", "p90", "p99", "p99.9", "max")
    return dict(zip(names, np.percentile(values, (50, 90, 99, 99.9, 100)).round(3).tolist(), strict=True))


def closed_loop(connections: Connections, end: int) -> int:
    """Each connection sends as soon as it is answered; returns the requests sent."""
    idle, sent, most = connections.idle, 0, connections.load.requests or 1 << 62
    while (now := time.perf_counter_ns()) < end and sent < most:
        while idle and sent < most:
            connections.send(idle.popleft(), time.perf_counter_ns())
            sent += 1
        for fd, what in connections.poll.poll(min(1.0, (end - now) / NS)):
            connections.handle(fd, what)
    return sent


def open_loop(connections: Connections, start: int, end: int) -> int:
    """Requests are due at a fixed rate and wait in line for a free connection; returns the requests sent."""
    assert connections.load.rate, "an open loop needs a rate"
    interval = int(NS / connections.load.rate)
    connections.timer = ticking(start, interval)
    connections.poll.register(connections.timer, select.EPOLLIN)
    idle, due, sent = connections.idle, start, 0
    while due < end and time.perf_counter_ns() < end + DRAIN_SECONDS * NS:
        now = time.perf_counter_ns()
        while idle and due <= now and due < end:
            if due >= connections.measured_from:
                connections.late.append(now - due)
            connections.send(idle.popleft(), due)
            due, sent = due + interval, sent + 1
        for fd, what in connections.poll.poll(1.0):
            connections.handle(fd, what)
    connections.poll.unregister(connections.timer)
    os.close(connections.timer)
    return sent + max(0, (end - due) // interval)


def drain(connections: Connections) -> int:
    """Wait for the answers under way; returns how many never came."""
    last = time.perf_counter_ns() + DRAIN_SECONDS * NS
    while connections.due and time.perf_counter_ns() < last:
        for fd, what in connections.poll.poll(0.5):
            connections.handle(fd, what)
    unanswered = len(connections.due)
    for one in connections.sockets.values():
        one.close()
    return unanswered


def run(load: Load) -> Outcome:
    """Send the load and report the measured part of it."""
    return run_with_latencies(load)[0]


def run_with_latencies(load: Load) -> tuple[Outcome, list[int]]:
    """The same, and each latency in ns, for figures over several runs."""
    connections = Connections(load)
    gc.collect()
    gc.disable()  # no pause of our own in the node's latency
    start, used = time.perf_counter_ns(), time.process_time()
    connections.measured_from = start + int(load.warm_seconds * NS)
    end = connections.measured_from + int(load.seconds * NS)
    sent = open_loop(connections, start, end) if load.rate else closed_loop(connections, end)
    used, stopped = time.process_time() - used, time.perf_counter_ns()
    unanswered = drain(connections)
    gc.enable()
    seconds = (max(stopped, connections.measured_from + 1) - connections.measured_from) / NS
    outcome = Outcome(
        requests=len(connections.latencies),
        requests_per_second=round(len(connections.latencies) / seconds, 1),
        latency_ms=percentiles(connections.latencies),
        late_ms=percentiles(connections.late),
        errors=dict(connections.errors),
        unanswered=unanswered,
        generator_us_per_request=round(used / max(sent, 1) * 1e6, 2),
    )
    return outcome, connections.latencies


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
