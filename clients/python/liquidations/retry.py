"""When to repeat a request."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .errors import ConnectionFailed, LiquidationsError, ProblemError

#: Of the API, of a gateway before it, and those by which Cloudflare says that it did not reach the origin.
#: The TypeScript client has the same ones.
TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504, *range(520, 525)})
#: Their status is one of those above, and they last until somebody changes the server's settings.
LASTING_CODES = frozenset({"misconfigured", "archive_key_refused", "archive_schema_outdated", "archive_request_refused"})


@dataclass(frozen=True)
class Backoff:
    """Capped exponential back-off with full jitter, so that many clients that were cut at once do not come back at once."""

    base: float
    cap: float

    def wait(self, failures: int) -> float:
        """:returns: seconds before the next attempt, after so many failures in a row (at least 1)"""
        return random.random() * min(self.cap, self.base * float(2 ** min(failures - 1, 30)))


@dataclass(frozen=True)
class Retry:
    """Repeats what a moment's wait may mend.

    :ivar attempts: how often a request is sent at most
    :ivar max_wait: a `Retry-After` of more seconds than this is not waited for: the error says it instead
    """

    attempts: int = 5
    max_wait: float = 60.0
    backoff: Backoff = Backoff(base=0.5, cap=20.0)

    def wait(self, failures: int, error: LiquidationsError, *, is_repeatable: bool = True) -> float | None:
        """
        :param failures: number of attempts so far, all of which failed
        :returns: seconds before the next attempt; None where there is none
        """
        if failures >= self.attempts or not self._is_transient(error, is_repeatable):
            return None
        retry_after = error.retry_after if isinstance(error, ProblemError) else None
        if retry_after is None:
            return self.backoff.wait(failures)
        return retry_after if retry_after <= self.max_wait else None

    @staticmethod
    def _is_transient(error: LiquidationsError, is_repeatable: bool) -> bool:
        if isinstance(error, ConnectionFailed):
            return is_repeatable
        if not isinstance(error, ProblemError) or error.status not in TRANSIENT_STATUSES or error.code in LASTING_CODES:
            return False
        # A request beyond a limit was not carried out, whatever it asked for.
        return is_repeatable or error.status == 429
