"""What can go wrong, as classes. `problems` has one for each problem `code` of the API."""

from __future__ import annotations

from typing import Any


class LiquidationsError(Exception):
    """The base of every error of this package."""


class ProblemError(LiquidationsError):
    """The API refused a request (RFC 9457). Its subclasses in `liquidations.problems` stand for one `code` each.

    :ivar status: HTTP status
    :ivar code: kind of problem; None where the response was none of the API's, as of a proxy
    :ivar detail: description for people
    :ivar errors: the invalid parameters, as `{"parameter": …, "detail": …}`
    :ivar nearest: names that were most likely meant, best first; None where the problem is of another kind
    :ivar retry_after: seconds after which to repeat the request; None where the response does not say
    """

    def __init__(self, status: int, body: dict[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.code: str | None = body.get("code")
        self.detail = str(body.get("detail") or body.get("title") or "")
        self.errors: list[dict[str, str]] = list(body.get("errors") or [])
        self.nearest: list[str] | None = body.get("nearest")
        self.request_id: str | None = body.get("request_id")
        self.retry_after = retry_after
        super().__init__(f"{status} {self.code or 'without a code'}: {self.detail}")


class ConnectionFailed(LiquidationsError):
    """The server could not be reached, was silent for too long, or broke off its response."""


class IntegrityError(LiquidationsError):
    """A file does not have the bytes, hash or rows that its manifest names."""


class ExportFailed(LiquidationsError):
    """An export failed or expired before it was downloaded."""


class StreamClosed(LiquidationsError):
    """The server closed the stream, and the same request would be closed again.

    :ivar code: close code, as of a WebSocket
    """

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"closed with {code}: {reason}")


class WebhookRefused(LiquidationsError):
    """A delivery is not to be trusted: answer it with 401."""


class MissingPackage(LiquidationsError, ImportError):
    """An optional package is not installed. The message names it, and what works without."""
