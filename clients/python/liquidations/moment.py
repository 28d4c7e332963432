"""Times as the API takes them."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Union

Moment = Union[int, str, date, datetime]
"""Milliseconds since 1970 UTC, ISO 8601 with an offset, a `datetime` with a time zone, or a `date` for its beginning in UTC."""


def moment_value(moment: Moment) -> int | str:
    """A moment as the API takes it.

    :raises ValueError: where a `datetime` has no time zone
    """
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError(f"{moment!r} has no time zone; give it one, as by datetime.now(timezone.utc)")
        return round(moment.timestamp() * 1000)
    return moment.isoformat() if isinstance(moment, date) else moment


def utc_text(milliseconds: int | None) -> str:
    """A time for people: `2026-11-20 08:35:00` (UTC); `now` for None, as of a gap that is open."""
    if milliseconds is None:
        return "now"
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
