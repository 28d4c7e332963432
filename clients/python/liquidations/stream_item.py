"""What a stream yields: the server's frames, with `by` in those that say what is missing, and `lost` where the connection was."""

from __future__ import annotations

from typing import Any, Literal, Mapping, TypedDict, Union

from .api.types import GapFrame, PassedFrame
from .messages import query_text

#: Filters of the stream that its list of liquidations has too, for one value each.
FILTERS = ("symbol", "exchange", "side", "min_usd", "include")


class Gap(GapFrame):
    """Times that the stream says nothing of: its log no longer reaches back to the place to continue from."""

    by: Literal["server", "client"]
    """`client` where the server did not know the place, so that it could not say what is missing."""


class Skipped(TypedDict):
    """Frames that were omitted, by the server or by this client, because they were not read in time."""

    type: Literal["skipped"]
    by: Literal["server", "client"]
    id: str | None
    """The same as `to_id`."""
    from_id: str | None
    """Ids of the first and the last of them; None in a replay of stored events, which have none."""
    to_id: str | None
    count: int
    request: str
    """Path of the request that returns their liquidations."""


class Lost(TypedDict):
    """The connection was lost. The next one continues after `last_event_id`."""

    type: Literal["lost"]
    reason: str
    wait_ms: int
    """Time until the next attempt."""
    failures: int
    """How many attempts in a row brought nothing."""
    last_event_id: str | None


StreamItem = Union[PassedFrame, Gap, Skipped, Lost]
"""A frame; `type` tells them apart."""


def fill_request(query: Mapping[str, Any], from_time: int | None, to_time: int) -> str:
    """The request that returns the liquidations of these event times, with the filters of a stream that a list has too."""
    filters = {name: query[name] for name in FILTERS if is_single(query.get(name))}
    return f"/v1/liquidations{query_text({**filters, 'start': from_time, 'end': to_time + 1, 'order': 'asc'})}"


def is_single(value: Any) -> bool:
    """Whether a filter names one value, as a request for a list can."""
    return value is not None and not isinstance(value, (list, tuple, set, frozenset)) and "," not in str(value)


#: The field that dates the record of a frame, by the kind of the frame.
TIMES = {"liquidation": "event_time", "cascade": "peak_time", "signal": "created_time", "feed": "since", "estimate": "time"}
TIMED_KINDS = frozenset({*TIMES, "silence"})


def time_of(frame: Mapping[str, Any]) -> int:
    """When the record of a frame happened, ms."""
    record = frame["data"]
    if frame["type"] == "silence":
        return int(record["suspect_time"] if record["cleared_time"] is None else record["cleared_time"])
    return int(record[TIMES[frame["type"]]])
