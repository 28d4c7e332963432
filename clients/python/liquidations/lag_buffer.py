"""Frames between a connection and a consumer that may be slower."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Mapping

from .stream_item import TIMED_KINDS, fill_request, time_of

#: More frames than this do not wait, however young they are.
MAX_FRAMES = 5_000
#: What they say is in a later frame of their kind.
SUPERSEDED = frozenset({"beat", "totals", "snapshot"})
#: What can be asked for again.
REPLACEABLE = SUPERSEDED | TIMED_KINDS


@dataclass
class Omitted:
    """Frames that were omitted, one after the other. Stored liquidations of a replay have no id."""

    from_id: str | None
    to_id: str | None
    count: int
    first_time: int
    last_time: int


class LagBuffer:
    """Holds frames for at most so long. Older ones are omitted, and a frame `skipped` names them, as the server's own do.

    :param max_lag: seconds
    :param query: of the stream, whose filters go into the request of `skipped`
    """

    def __init__(self, max_lag: float, query: Mapping[str, Any]) -> None:
        self._max_lag = max_lag
        self._query = query
        self._frames: deque[tuple[float, dict[str, Any]]] = deque()
        self._omitted: Omitted | None = None

    @property
    def is_full(self) -> bool:
        """Whether to read no more before something is taken, which slows the server down: a frame stands first that no other replaces."""
        return len(self._frames) > MAX_FRAMES

    def put(self, frame: dict[str, Any], now: float) -> None:
        self._frames.append((now, frame))
        self._omit(now)

    def take(self, now: float) -> dict[str, Any] | None:
        """The next frame; None where there is none."""
        self._omit(now)
        if self._omitted is not None:
            skipped, self._omitted = self._skipped(self._omitted), None
            return skipped
        return self._frames.popleft()[1] if self._frames else None

    def _omit(self, now: float) -> None:
        """Omits what is too old, up to a frame that says what no other does."""
        while self._frames and self._frames[0][1]["type"] in REPLACEABLE:
            arrived, frame = self._frames[0]
            if now - arrived <= self._max_lag and len(self._frames) <= MAX_FRAMES:
                return
            self._frames.popleft()
            if frame["type"] not in SUPERSEDED:
                self._note(frame)

    def _note(self, frame: dict[str, Any]) -> None:
        place, time = frame.get("id"), time_of(frame)
        omitted = self._omitted
        if omitted is None:
            self._omitted = Omitted(place, place, 1, time, time)
            return
        omitted.to_id = place
        omitted.count += 1
        omitted.first_time = min(omitted.first_time, time)
        omitted.last_time = max(omitted.last_time, time)

    def _skipped(self, omitted: Omitted) -> dict[str, Any]:
        return {
            "type": "skipped",
            "by": "client",
            "id": omitted.to_id,
            "from_id": omitted.from_id,
            "to_id": omitted.to_id,
            "count": omitted.count,
            "request": fill_request(self._query, omitted.first_time, omitted.last_time),
        }
