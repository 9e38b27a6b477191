"""Calls of the node wait while it is busy or gone, and give up with a reason."""

from __future__ import annotations

import socket

import pytest

from genom.app.sample.client import NodeClient
from genom.errors import GenomError
from tests.app.sample_node import busy, cut, serving


@pytest.fixture
def node():
    with serving() as running:
        yield running


@pytest.fixture
def client(node):
    calling = NodeClient(node.url, "secret", patience=20)
    yield calling
    calling.close()


def test_calls_share_a_connection_and_carry_the_key(node, client):
    for _ in range(3):
        client.call("POST", "/v1/batch", b'{"batch":[]}', X_Genom_Source="sample")

    assert node.connections == 1
    assert {(headers["Authorization"], headers["X-Genom-Source"]) for *_, headers in node.posts} == {
        ("Bearer secret", "sample")
    }


def test_a_busy_node_is_asked_again(node, client):
    node.faults = [busy, busy]

    client.call("POST", "/v1/batch", b'{"batch":[]}')

    assert len(node.posts) == 1
    assert not node.faults


def test_a_cut_connection_is_opened_again(node, client):
    node.faults = [cut]

    client.call("POST", "/v1/batch", b'{"batch":[]}')

    assert len(node.posts) == 2  # it cannot know whether the first one was taken
    assert node.connections == 2


def test_a_refusal_is_not_repeated_and_says_what_the_node_said(node, client):
    def forbid(request):
        request.send_error(401, "unknown key")
        return True

    node.faults = [forbid]
    with pytest.raises(GenomError, match="refused POST /v1/batch") as caught:
        client.call("POST", "/v1/batch", b"{}")

    assert caught.value.code == "node.refused"
    assert "401" in caught.value.why
    assert len(node.posts) == 1


def test_a_node_that_is_gone_is_named_after_the_patience():
    with socket.socket() as taken:  # bound, not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        client = NodeClient(f"http://127.0.0.1:{taken.getsockname()[1]}", "secret", patience=0.1)
        with pytest.raises(GenomError, match="does not answer") as caught:
            client.call("GET", "/v1/sample")

    assert caught.value.code == "node.unreachable"
    assert "ConnectionRefusedError" in caught.value.why
