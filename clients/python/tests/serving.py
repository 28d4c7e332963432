"""A server that answers as a test says, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import unittest
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable
from unittest import mock

META = {"request_id": "r", "computed_time": 0, "count": 0, "next_cursor": None, "coverage": {}, "gaps": []}

class ImpatientCase(unittest.TestCase):
    """Its clients wait for next to no time before they try again."""

    def setUp(self) -> None:
        self.enterContext(mock.patch("liquidations.retry.random.random", return_value=0.01))


#: Answers a request itself.
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with what is next in the queue of the server."""

    protocol_version = "HTTP/1.1"
    server: "QueueServer"

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        self.body = self.rfile.read(size)
        self.server.asked.append(self)
        self.server.answers.popleft()(self)

    do_GET = do_POST = do_DELETE = do_PATCH = answer

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self) -> None:
        """Ends the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(2)

    def chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def log_message(self, *_args: Any) -> None:
        pass


class QueueServer(ThreadingHTTPServer):
    """Answers the requests in their order with the given answers."""

    daemon_threads = True

    def __init__(self, *answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = deque(answers)
        self.asked: list[Handler] = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> QueueServer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def targets(self) -> list[str]:
        return [handler.path for handler in self.asked]

    def handle_error(self, *_args: Any) -> None:
        pass  # A client that goes away is part of the tests.


def data(value: Any, **meta: Any) -> Answer:
    """An answer with data."""
    return raw(200, {"data": value, "meta": {**META, **meta}})


def raw(status: int, value: Any, **headers: str) -> Answer:
    """An answer with any JSON."""
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda handler: handler.send(status, json.dumps(value).encode(), given)


def problem(status: int, code: str, **headers: str) -> Answer:
    return raw(status, {"status": status, "code": code, "detail": f"this is {code}", "request_id": "r-1"}, **headers)


def cut(handler: Handler) -> None:
    """No answer at all."""
    handler.cut()


def events(*frames: dict[str, Any], then: Answer | None = None) -> Answer:
    """A stream of these frames, which is cut after them unless something else follows."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.chunk("retry: 3000\n: padding\n\n")
        for frame in frames:
            frame_id = f"id: {frame['id']}\n" if frame.get("id") else ""
            handler.chunk(f"event: {frame['type']}\n{frame_id}data: {json.dumps(frame)}\n\n")
        (then or cut)(handler)

    return answer
