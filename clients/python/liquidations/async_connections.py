"""HTTP/1.1 over asyncio, which has no client of its own."""

from __future__ import annotations

import asyncio
import ssl
from typing import AsyncIterator, Mapping

from .address import Address
from .errors import ConnectionFailed
from .messages import Request, Response

PART_BYTES = 65_536
#: What comes of a server that is silent, breaks off, or does not speak HTTP. A timeout is an OSError.
FAULTS = (OSError, ValueError, IndexError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class AsyncOpenResponse:
    """A response whose body is read part by part."""

    def __init__(self, connection: _Connection, status: int, headers: Mapping[str, str], method: str, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._parts = connection.body(status, headers, method)
        self.status = status
        self.headers = headers

    async def read(self) -> bytes:
        """What has come, as soon as something has; nothing at the end.

        :raises ConnectionFailed: where nothing comes for the client's timeout, or the body breaks off
        """
        try:
            async with asyncio.timeout(self._timeout):
                return await anext(self._parts, b"")
        except FAULTS as error:
            raise ConnectionFailed(f"the response broke off: {error!r}") from error

    async def rest(self) -> bytes:
        """All that has yet to come, however long it takes while something comes."""
        parts = []
        while part := await self.read():
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._connection.close()


class _Connection:
    """One connection, on which one request follows the response of the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        #: Whether another request may be sent on it.
        self.is_reusable = False

    async def write(self, address: Address, request: Request) -> None:
        headers = {"Host": address.authority, **request.headers}
        if request.body is not None:
            headers["Content-Length"] = str(len(request.body))
        lines = [f"{request.method} {address.prefix}{request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header or the path contains a line break")
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + (request.body or b""))
        await self._writer.drain()

    async def head(self) -> tuple[int, Mapping[str, str]]:
        """The status and headers of a response, after those that are provisional."""
        while True:
            line = (await self._reader.readuntil(b"\n")).decode("latin-1")
            version, status = line.split()[:2]
            if not version.startswith("HTTP/1."):
                raise ValueError(f"the server does not speak HTTP/1.1: {line.strip()!r}")
            headers = await self._headers()
            if int(status) >= 200:
                self.is_reusable = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
                return int(status), headers

    async def _headers(self) -> Mapping[str, str]:
        headers: dict[str, str] = {}
        while line := (await self._reader.readuntil(b"\n")).decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    async def body(self, status: int, headers: Mapping[str, str], method: str) -> AsyncIterator[bytes]:
        """The parts of a body, as they come."""
        if method == "HEAD" or status in (204, 304):
            return
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int((await self._reader.readuntil(b"\n")).split(b";")[0], 16):
                async for part in self._exactly(size):
                    yield part
                await self._reader.readuntil(b"\n")
            await self._headers()
        elif "content-length" in headers:
            async for part in self._exactly(int(headers["content-length"])):
                yield part
        else:
            self.is_reusable = False
            while part := await self._reader.read(PART_BYTES):
                yield part

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size > 0:
            part = await self._reader.read(min(size, PART_BYTES))
            if not part:
                raise asyncio.IncompleteReadError(b"", size)
            size -= len(part)
            yield part

    def close(self) -> None:
        self._writer.close()


class AsyncConnections:
    """Sends requests to one server, over connections that are used again. It belongs to one event loop."""

    def __init__(self, address: Address, timeout: float) -> None:
        self._address = address
        self._timeout = timeout
        self._idle: list[_Connection] = []
        self._context = ssl.create_default_context() if address.is_tls else None

    async def send(self, request: Request) -> Response:
        """Sends a request and reads its response.

        :raises ConnectionFailed: where there is none
        """
        if self._idle and request.is_repeatable:
            try:
                return await self._exchange(self._idle.pop(), request)
            except ConnectionFailed:
                pass  # The server may close an idle connection at any time; a new one tells whether it is there.
        return await self._exchange(await self._connect(), request)

    async def open(self, request: Request) -> AsyncOpenResponse:
        """Sends a request, over a connection of its own, and returns once the head of the response has come."""
        return await self._ask(await self._connect(), request)

    def close(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    async def _connect(self) -> _Connection:
        try:
            async with asyncio.timeout(self._timeout):
                return _Connection(*await asyncio.open_connection(self._address.host, self._address.port, ssl=self._context))
        except FAULTS as error:
            raise self._failure(error) from error

    async def _ask(self, connection: _Connection, request: Request) -> AsyncOpenResponse:
        try:
            async with asyncio.timeout(self._timeout):
                await connection.write(self._address, request)
                status, headers = await connection.head()
        except BaseException as error:
            connection.close()
            raise self._failure(error) if isinstance(error, FAULTS) else error
        return AsyncOpenResponse(connection, status, headers, request.method, self._timeout)

    async def _exchange(self, connection: _Connection, request: Request) -> Response:
        response = await self._ask(connection, request)
        try:
            body = await response.rest()
        except BaseException:
            # Also where it is cancelled: the rest of the response would be taken for that of the next request.
            connection.close()
            raise
        if connection.is_reusable:
            self._idle.append(connection)
        else:
            connection.close()
        return Response(response.status, response.headers, body)

    def _failure(self, error: BaseException) -> ConnectionFailed:
        return ConnectionFailed(f"{self._address.authority}: {error!r}")
