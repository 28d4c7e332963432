"""Server-sent events."""

from __future__ import annotations

import json
from typing import Any

from .errors import ConnectionFailed


class EventParser:
    """Turns the bytes of a response into the JSON of its events, wherever the bytes are cut.

    https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, part: bytes) -> list[Any]:
        """The events that end in this part.

        :raises ConnectionFailed: where the data of an event are not JSON
        """
        *lines, self._rest = (self._rest + part).split(b"\n")
        events = []
        for line in lines:
            line = line.removesuffix(b"\r")
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                events.append(self._event())
        return events

    def _event(self) -> Any:
        data, self._data = b"\n".join(self._data), []
        try:
            return json.loads(data)
        except ValueError as error:
            raise ConnectionFailed(f"an event is not JSON: {error}") from error
