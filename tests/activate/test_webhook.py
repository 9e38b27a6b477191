"""The webhook against a real server on this machine: what it sends, signs and takes for an answer."""

from __future__ import annotations

import hmac
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from genom.activate import Answer, Batch, Member, Outcome, Webhook, webhook
from tests.recipient import Recipient, recipient_at_work

SECRET = b"secret of the destination"


@pytest.fixture
def recipient() -> Iterator[Recipient]:
    with recipient_at_work() as made:
        yield made


@pytest.fixture
def hook() -> Webhook:
    return Webhook(SECRET)


def batch(url: str) -> Batch:
    members = [Member("aa", email_sha256="bb", consent={"ad_user_data": "GRANTED"}), Member("cc")]
    return Batch(destination="mail", url=url, what="add", key="k1", members=members)


def test_a_batch_is_sent_as_json_and_signed(recipient: Recipient, hook: Webhook) -> None:
    assert hook.send(batch(recipient.url)) == Answer(Outcome.DONE)

    ((method, path, headers, body),) = recipient.came
    assert (method, path) == ("POST", "/genom/members")
    assert json.loads(body) == {
        "what": "add",
        "key": "k1",
        "members": [{"id": "aa", "email_sha256": "bb", "consent": {"ad_user_data": "GRANTED"}}, {"id": "cc"}],
    }
    at, _, signature = headers["x-genom-signature"].removeprefix("t=").partition(",v1=")
    assert hmac.compare_digest(
        signature, hmac.digest(SECRET, at.encode() + b".POST /genom/members\n" + body, "sha256").hex()
    )


def test_a_job_is_asked_about_until_it_is_done(recipient: Recipient, hook: Webhook) -> None:
    recipient.status, recipient.answer = 202, b'{"state": "pending", "job": "j/7"}'
    assert hook.send(batch(recipient.url)) == Answer(Outcome.PENDING, job="j/7")

    recipient.answer = b'{"state": "done"}'
    assert hook.ask(recipient.url, "j/7") == Answer(Outcome.DONE)
    assert recipient.came[-1][:2] == ("GET", "/genom/jobs/j%2F7")


@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [
        (500, b"", "status 500"), (302, b"", "status 302"), (404, b"{}", "status 404"),
        (200, b"<html>", "the answer cannot be read"), (200, b'{"state": "maybe"}', "the answer cannot be read"),
        (200, b'{"state": "pending"}', "it names no job"), (200, b'{"state": "failed"}', "the recipient says so"),
        (200, b'{"state": "pending", "job": "' + b"j" * 300 + b'"}', "it names no job"),
        (200, b"x" * 100_000, "the answer is too long"),
    ],
)  # fmt: skip
def test_whatever_else_comes_back_is_a_failure_with_its_reason(
    recipient: Recipient, hook: Webhook, status: int, answer: bytes, why: str
) -> None:
    recipient.status, recipient.answer = status, answer

    assert hook.send(batch(recipient.url)) == Answer(Outcome.FAILED, why=why)
    assert len(recipient.came) == 1  # no redirect was followed


def test_a_recipient_that_is_not_there_is_a_failure(hook: Webhook) -> None:
    assert hook.send(batch("http://127.0.0.1:1/genom")) == Answer(Outcome.FAILED, why="ConnectionRefusedError")


@pytest.mark.parametrize("url", ["https://host:abc/x", "http://127.0.0.1:9/\u00e4", "https://exa..mple.de/x"])
def test_an_address_that_is_none_is_a_failure_and_stops_nobody_else(hook: Webhook, url: str) -> None:
    assert hook.send(batch(url)).outcome is Outcome.FAILED


def test_a_recipient_that_answers_a_byte_at_a_time_is_cut_off(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_WHOLE", 0.5)  # seconds
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not ended.wait(0.05):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        answer = hook.send(batch(f"http://127.0.0.1:{server.getsockname()[1]}/genom"))
        ended.set()
        thread.join(10)

    assert answer.outcome is Outcome.FAILED
