"""HTTP over blocking sockets."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from typing import Mapping

from .address import Address
from .errors import ConnectionFailed
from .messages import Request, Response

PART_BYTES = 65_536


class OpenResponse:
    """A response whose body is read part by part."""

    def __init__(self, connection: http.client.HTTPConnection, sock: socket.socket, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._socket = sock
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.getheaders()}

    def read(self) -> bytes:
        """What has come, as soon as something has; nothing at the end.

        :raises ConnectionFailed: where nothing comes for the client's timeout, or the body breaks off
        """
        try:
            part = self._response.read1(PART_BYTES)
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            # The last two are of a response that another thread has closed.
            raise ConnectionFailed(f"the response broke off: {error!r}") from error
        if not part and self._response.length:
            raise ConnectionFailed(f"the response broke off, {self._response.length} bytes before its end")
        return part

    def rest(self) -> bytes:
        """All that has yet to come, however long it takes while something comes."""
        return b"".join(iter(self.read, b""))

    def close(self) -> None:
        """Ends the response. A read that waits in another thread ends too."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It is closed, which is what was wanted.
        self._connection.close()


class Connections:
    """Sends requests to one server, over connections that are used again. Threads may share it."""

    def __init__(self, address: Address, timeout: float) -> None:
        self._address = address
        self._timeout = timeout
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._context = ssl.create_default_context() if address.is_tls else None

    def send(self, request: Request) -> Response:
        """Sends a request and reads its response.

        :raises ConnectionFailed: where there is none
        """
        with self._lock:
            idle = self._idle.pop() if self._idle and request.is_repeatable else None
        if idle is not None:
            try:
                return self._exchange(idle, request)
            except ConnectionFailed:
                pass  # The server may close an idle connection at any time; a new one tells whether it is there.
        return self._exchange(self._connection(), request)

    def open(self, request: Request) -> OpenResponse:
        """Sends a request, over a connection of its own, and returns once the head of the response has come."""
        connection = self._connection()
        try:
            self._write(connection, request)
            sock = connection.sock
            return OpenResponse(connection, sock, connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ConnectionFailed(f"{self._address.authority}: {error!r}") from error

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._address.host, self._address.port
        if self._context is None:
            return http.client.HTTPConnection(host, port, timeout=self._timeout)
        return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._context)

    def _write(self, connection: http.client.HTTPConnection, request: Request) -> None:
        connection.request(request.method, self._address.prefix + request.target, request.body, dict(request.headers))

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> Response:
        try:
            self._write(connection, request)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ConnectionFailed(f"{self._address.authority}: {error!r}") from error
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)
        return Response(response.status, headers, body)
