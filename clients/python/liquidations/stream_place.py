"""Where a client is in the live stream, and how it continues when it was cut. Nothing here connects."""

from __future__ import annotations

import random
import time
from typing import Any, Mapping

from .errors import ConnectionFailed, LiquidationsError, ProblemError, StreamClosed
from .messages import Request, query_text
from .retry import LASTING_CODES, TRANSIENT_STATUSES, Backoff
from .stream_item import fill_request

#: The frames with which each connection begins.
OPENING = frozenset({"hello", "snapshot"})
#: Codes with which the server closes a stream that it would close again.
LASTING_CLOSES = frozenset({1009, 4000, 4001, 4002, 4008})
#: Seconds to wait after a close code, where the server's documentation says so.
CLOSE_WAITS = {4003: 0.2, 4005: 30.0}
RESTART_CLOSE = 1012
RESTART_SPREAD = 5.0
#: Connections that may fail before the first frame: after that, the stream never gives up.
FIRST_ATTEMPTS = 5
#: An id comes twice only around a cut, so the last ones are enough.
MAX_RECENT_IDS = 20_000


class StreamPlace:
    """Follows a stream over its connections: which frame was the last, which are repeated, when to connect again.

    :param query: of the stream
    :param last_event_id: the frame after which it begins
    """

    def __init__(self, query: Mapping[str, Any], last_event_id: str | None = None, backoff: Backoff = Backoff(base=0.5, cap=15.0)) -> None:
        self._query = dict(query)
        self._backoff = backoff
        self._failures = 0
        self._was_open = False
        self._given = last_event_id
        self._place = last_event_id
        self._recent: dict[str, None] = {}
        # A replay of stored liquidations has no ids: it continues at the time of the last one, which then comes again.
        self._replayed_time: int | None = None
        self._server_time: int | None = None

    def request(self) -> Request:
        """The request that continues."""
        query = dict(self._query)
        if self._place is not None:
            query = {name: value for name, value in query.items() if name not in ("from", "speed")}
            query["last_event_id"] = self._place
        elif self._replayed_time is not None:
            query["from"] = self._replayed_time
        return Request("GET", "/v1/stream" + query_text(query), {"Accept": "text/event-stream"})

    def accept(self, frame: dict[str, Any]) -> bool:
        """Takes note of a frame, and says of what is missing that the server said so.

        :returns: whether it is to be yielded: each record is, once, whatever the server repeats
        :raises StreamClosed: where the server closes the stream
        """
        kind = frame["type"]
        if kind == "closed":
            raise StreamClosed(frame["code"], frame["reason"])
        self._was_open = True
        self._server_time = frame.get("time", self._server_time)
        if kind not in OPENING:
            self._failures = 0
        if kind in ("gap", "skipped"):
            frame["by"] = "server"
        if kind == "liquidation" and "id" not in frame:
            self._replayed_time = frame["data"]["event_time"]
        self._place = place_after(self._place, frame)
        return kind != "liquidation" or self._is_new(frame["data"]["event_id"])

    def _is_new(self, event_id: str) -> bool:
        if event_id in self._recent:
            return False
        self._recent[event_id] = None
        if len(self._recent) > MAX_RECENT_IDS:
            del self._recent[next(iter(self._recent))]
        return True

    def after(self, error: LiquidationsError) -> tuple[dict[str, Any], float]:
        """How the stream goes on after a cut.

        :param error: why it is cut; `ConnectionFailed` also where the response ended without a word
        :returns: a frame to yield, and seconds until the next connection
        :raises LiquidationsError: the same error, where connecting again would not help
        """
        if self._is_lost_place(error):
            return self._forget_place(), 0.0
        self._failures += 1
        if not is_passing(error) or (not self._was_open and self._failures >= FIRST_ATTEMPTS):
            raise error
        wait = self._wait(error)
        return {
            "type": "lost",
            "reason": str(error),
            "wait_ms": round(wait * 1000),
            "failures": self._failures,
            "last_event_id": self._place,
        }, wait

    def _wait(self, error: LiquidationsError) -> float:
        if isinstance(error, StreamClosed) and error.code == RESTART_CLOSE:
            return random.random() * RESTART_SPREAD
        if isinstance(error, StreamClosed) and error.code in CLOSE_WAITS:
            return CLOSE_WAITS[error.code]
        if isinstance(error, ProblemError) and error.retry_after is not None:
            return error.retry_after
        return self._backoff.wait(self._failures)

    def _is_lost_place(self, error: LiquidationsError) -> bool:
        """Whether the server refuses a place that it gave itself: it went back to an earlier state."""
        if not isinstance(error, ProblemError) or error.code != "bad_parameters" or self._place in (None, self._given):
            return False
        return any(one["parameter"] == "last_event_id" for one in error.errors)

    def _forget_place(self) -> dict[str, Any]:
        """Begins now, with a gap since the server last said its time."""
        from_time, to_time = self._server_time, round(time.time() * 1000)
        self._place = self._replayed_time = None
        self._query = {name: value for name, value in self._query.items() if name not in ("from", "speed")}
        request = fill_request(self._query, from_time, to_time)
        return {"type": "gap", "by": "client", "id": None, "from_time": from_time, "to_time": to_time, "request": request}


def place_after(place: str | None, frame: Mapping[str, Any]) -> str | None:
    """The place in the stream after a frame: its id, except where the frame has none.

    The `hello` of a stream that continues may lie behind a gap of which the next frame tells, so it moves no place.
    """
    if frame["type"] == "hello" and place is not None:
        return place
    frame_id: str | None = frame.get("id")
    return place if frame_id is None else frame_id


def is_passing(error: LiquidationsError) -> bool:
    """Whether connecting again may help."""
    if isinstance(error, StreamClosed):
        return error.code not in LASTING_CLOSES
    if isinstance(error, ProblemError):
        return error.status in TRANSIENT_STATUSES and error.code not in LASTING_CODES
    return isinstance(error, ConnectionFailed)
