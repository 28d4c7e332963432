"""The live stream, over blocking sockets."""

from __future__ import annotations

import threading
from time import monotonic
from types import TracebackType
from typing import Any, Callable, Iterator, Mapping

from .connections import Connections, OpenResponse
from .errors import ConnectionFailed, LiquidationsError
from .lag_buffer import LagBuffer
from .messages import Request, problem_of
from .sse import EventParser
from .stream_item import StreamItem
from .stream_place import StreamPlace, place_after


class Stream:
    """Iterates over the frames of the live stream, and connects again by itself where it is cut.

    Another thread may call `close`, which ends the iteration: at once, or where it connects just then, when that succeeds or fails.

    :ivar last_event_id: the place of the last frame that your loop has done with: keep it, and a later stream continues there.
        The frame at which the loop ended comes again
    """

    def __init__(
        self,
        connections: Connections,
        authorized: Callable[[Request], Request],
        query: Mapping[str, Any],
        last_event_id: str | None,
        max_lag: float | None,
    ) -> None:
        self._connections = connections
        self._authorized = authorized
        self._place = StreamPlace(query, last_event_id)
        self._buffer = None if max_lag is None else LagBuffer(max_lag, query)
        self._frames = self._received() if self._buffer is None else self._buffered(self._buffer)
        self._response: OpenResponse | None = None
        self._closed = threading.Event()
        self._changed = threading.Condition()
        self.last_event_id = last_event_id
        self._taken: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[StreamItem]:
        return self

    def __next__(self) -> StreamItem:
        if self._taken is not None:
            self.last_event_id = place_after(self.last_event_id, self._taken)
        self._taken = next(self._frames)
        return self._taken  # type: ignore[return-value]

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream and its connection."""
        self._closed.set()
        with self._changed:
            self._changed.notify_all()
        response = self._response
        if response is not None:
            response.close()

    def _received(self) -> Iterator[dict[str, Any]]:
        """The frames as they come, over one connection after the other."""
        while not self._closed.is_set():
            try:
                yield from self._connection()
            except LiquidationsError as error:
                if self._closed.is_set():
                    return
                frame, wait = self._place.after(error)
                yield frame
                self._closed.wait(wait)

    def _connection(self) -> Iterator[dict[str, Any]]:
        response = self._connections.open(self._authorized(self._place.request()))
        self._response = response
        try:
            # Whoever closed the stream before this line closed no response, or the one before.
            if self._closed.is_set():
                return
            if response.status != 200:
                raise problem_of(response.status, response.headers, response.rest())
            parser = EventParser()
            while part := response.read():
                for frame in parser.feed(part):
                    if self._place.accept(frame):
                        yield frame
            raise ConnectionFailed("the stream ended without a word")
        finally:
            response.close()

    def _buffered(self, buffer: LagBuffer) -> Iterator[dict[str, Any]]:
        """The frames that a thread reads ahead, without those that waited for too long."""
        ends: list[BaseException | None] = []
        reader = threading.Thread(target=self._read_ahead, args=(buffer, ends), name="liquidations-stream", daemon=True)
        reader.start()
        while not self._closed.is_set():
            with self._changed:
                frame = buffer.take(monotonic())
                # `close` notifies after it set `_closed`: seen here, behind the same lock, neither is missed.
                if frame is None and not ends and not self._closed.is_set():
                    self._changed.wait()
                self._changed.notify_all()
            if frame is not None:
                yield frame
            elif ends:
                if ends[0] is not None:
                    raise ends[0]
                return

    def _read_ahead(self, buffer: LagBuffer, ends: list[BaseException | None]) -> None:
        end: BaseException | None = None
        try:
            for frame in self._received():
                with self._changed:
                    buffer.put(frame, monotonic())
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: not buffer.is_full or self._closed.is_set())
        except Exception as error:
            end = error
        with self._changed:
            ends.append(end)
            self._changed.notify_all()
