"""What both clients share: settings, and how requests are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Callable, Literal, Union

from .address import parse_address
from .api.types import ExportWithManifest
from .errors import ExportFailed
from .messages import USER_AGENT, Request, path_text
from .moment import Moment
from .retry import Backoff, Retry

#: A stream that is silent for longer is dead, whatever it looks like: there is a beat every 10 s. Seconds.
STREAM_SILENCE = 30.0
#: Waits between two looks at an export, seconds.
EXPORT_POLLS = Backoff(base=0.5, cap=10.0)
#: A day's file is replaced where rows came late, perhaps between its manifest and its download.
DAY_ATTEMPTS = 3

Channel = Literal["liquidation", "cascade", "signal", "feed", "totals", "estimate", "silence"]
Names = Union[str, Iterable[str]]
Progress = Callable[[ExportWithManifest], None]


class Core:
    """Settings of a client."""

    def __init__(self, url: str, key: str | None, retries: int, max_wait: float) -> None:
        self._address = parse_address(url, key)
        self._key = key
        self._retry = Retry(retries + 1, max_wait)

    def _authorized(self, request: Request) -> Request:
        """The request with the headers that every request has."""
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **request.headers}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        return replace(request, headers=headers)

    @staticmethod
    def _path(template: str, **parameters: Any) -> str:
        return path_text(template, parameters)


def stream_query(
    *,
    channels: Names | None,
    symbol: Names | None,
    exchange: Names | None,
    side: str | None,
    min_usd: float | None,
    include: str | None,
    from_: Moment | None,
    speed: float | None,
    slow: str | None,
) -> dict[str, Any]:
    """The query of a stream: lists with commas, without what is None."""
    query = {
        "channels": listed(channels),
        "symbol": listed(symbol),
        "exchange": listed(exchange),
        "side": side,
        "min_usd": min_usd,
        "include": include,
        "from": from_,
        "speed": speed,
        "slow": slow,
    }
    return {name: value for name, value in query.items() if value is not None}


def listed(names: Names | None) -> str | None:
    return names if names is None or isinstance(names, str) else ",".join(names)


def is_done(record: ExportWithManifest) -> bool:
    """Whether an export can be downloaded.

    :raises ExportFailed: where it never can
    """
    if record["state"] in ("failed", "expired"):
        raise ExportFailed(f"export {record['export_id']} {record['state']}: {record['error'] or 'its files are deleted'}")
    return record["state"] == "done"
