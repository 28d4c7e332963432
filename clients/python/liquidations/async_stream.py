"""The live stream, over asyncio."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from time import monotonic
from types import TracebackType
from typing import Any, AsyncGenerator, Callable, Mapping

from .async_connections import AsyncConnections
from .errors import ConnectionFailed, LiquidationsError
from .lag_buffer import LagBuffer
from .messages import Request, problem_of
from .sse import EventParser
from .stream_item import StreamItem
from .stream_place import StreamPlace, place_after


class AsyncStream:
    """Iterates over the frames of the live stream, and connects again by itself where it is cut.

    :ivar last_event_id: the place of the last frame that your loop has done with: keep it, and a later stream continues there.
        The frame at which the loop ended comes again
    """

    def __init__(
        self,
        connections: AsyncConnections,
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
        self.last_event_id = last_event_id
        self._taken: dict[str, Any] | None = None

    def __aiter__(self) -> AsyncStream:
        return self

    async def __anext__(self) -> StreamItem:
        if self._taken is not None:
            self.last_event_id = place_after(self.last_event_id, self._taken)
        self._taken = await anext(self._frames)
        return self._taken  # type: ignore[return-value]

    async def __aenter__(self) -> AsyncStream:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the stream and its connection."""
        await self._frames.aclose()

    async def _received(self) -> AsyncGenerator[dict[str, Any], None]:
        """The frames as they come, over one connection after the other."""
        while True:
            try:
                async with aclosing(self._connection()) as frames:
                    async for frame in frames:
                        yield frame
            except LiquidationsError as error:
                frame, wait = self._place.after(error)
                yield frame
                await asyncio.sleep(wait)

    async def _connection(self) -> AsyncGenerator[dict[str, Any], None]:
        response = await self._connections.open(self._authorized(self._place.request()))
        try:
            if response.status != 200:
                raise problem_of(response.status, response.headers, await response.rest())
            parser = EventParser()
            while part := await response.read():
                for frame in parser.feed(part):
                    if self._place.accept(frame):
                        yield frame
            raise ConnectionFailed("the stream ended without a word")
        finally:
            response.close()

    async def _buffered(self, buffer: LagBuffer) -> AsyncGenerator[dict[str, Any], None]:
        """The frames that a task reads ahead, without those that waited for too long."""
        arrived, taken = asyncio.Event(), asyncio.Event()
        reader = asyncio.create_task(self._read_ahead(buffer, arrived, taken), name="liquidations-stream")
        reader.add_done_callback(lambda _: arrived.set())
        try:
            while True:
                arrived.clear()
                frame = buffer.take(monotonic())
                taken.set()
                if frame is not None:
                    yield frame
                elif reader.done():
                    reader.result()
                    return
                else:
                    await arrived.wait()
        finally:
            reader.cancel()

    async def _read_ahead(self, buffer: LagBuffer, arrived: asyncio.Event, taken: asyncio.Event) -> None:
        async with aclosing(self._received()) as frames:
            async for frame in frames:
                buffer.put(frame, monotonic())
                arrived.set()
                while buffer.is_full:
                    taken.clear()
                    await taken.wait()
