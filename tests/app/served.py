"""A house over HTTP on a loopback port, for what talks to a node as another process does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from tests.app.house import Answer, House

_SECONDS = 60  # that a request may take


@contextmanager
def served(house: House) -> Iterator[int]:
    """The port where the house answers, announced in its directory as by `genom up`; its loop runs in a thread."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(house, loop := house.run(_loop())))
    server.daemon_threads = True
    began, end = Event(), asyncio.Event()

    async def run() -> None:
        began.set()
        await end.wait()

    threads = [Thread(target=server.serve_forever, args=(0.02,)), Thread(target=lambda: house.run(run()))]
    for thread in threads:
        thread.start()
    began.wait()
    house.node.data.announce(url=f"http://127.0.0.1:{server.server_port}")
    try:
        yield server.server_port
    finally:
        server.shutdown()
        loop.call_soon_threadsafe(end.set)
        for thread in threads:
            thread.join()
        server.server_close()


async def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def _handler(house: House, loop: asyncio.AbstractEventLoop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked = house.ask(self.command, self.path, body, key="", headers=dict(self.headers.items()))
            answer: Answer = asyncio.run_coroutine_threadsafe(asked, loop).result(_SECONDS)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name != "content-length":
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    return Handler
