"""Requests and responses, and what a response means. Nothing here sends anything."""

from __future__ import annotations

import gzip
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Mapping
from urllib.parse import quote, urlencode

from .api.problems import PROBLEMS
from .api.version import API_VERSION
from .errors import ConnectionFailed, ProblemError
from .moment import moment_value

USER_AGENT = f"liquidations-python/{API_VERSION}"


@dataclass(frozen=True)
class Request:
    """A request, ready to be sent."""

    method: str
    #: Path and query.
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    #: Whether sending it twice does the same as sending it once.
    is_repeatable: bool = True


@dataclass(frozen=True)
class Response:
    """A response that was read to its end. The names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def query_text(query: Mapping[str, Any]) -> str:
    """A query with its question mark: without what is None, lists with commas, moments as the API takes them."""
    given = {name: query_value(value) for name, value in query.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def query_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(query_value(item) for item in value)
    return str(moment_value(value))


def path_text(template: str, parameters: Mapping[str, Any]) -> str:
    """A path with its parameters in place."""
    return template.format(**{name: quote(str(moment_value(value)), safe="") for name, value in parameters.items()})


def json_request(
    method: str,
    path: str,
    query: Mapping[str, Any],
    body: Any = None,
    *,
    idempotent: bool = False,
) -> Request:
    """A request for JSON. One that creates something gets a key under which the server does it once, however often it is sent."""
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
    content = None
    if body is not None:
        content = json.dumps(body, default=moment_value).encode()
        headers["Content-Type"] = "application/json"
    if idempotent:
        headers["Idempotency-Key"] = str(uuid.uuid4())
    return Request(method, path + query_text(query), headers, content, idempotent or method in ("GET", "DELETE"))


def json_of(body: bytes) -> Any:
    """The JSON of a body; None for an empty one.

    :raises ConnectionFailed: where it is something else, as of a page that stands before the API
    """
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        raise ConnectionFailed(f"the response is not JSON: {excerpt(body)}") from None


def content_of(response: Response) -> bytes:
    """The body of a response.

    :raises ProblemError: where the status is not a success; nothing is redirected
    """
    body = response.body
    if response.headers.get("content-encoding") == "gzip":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError) as error:
            raise ConnectionFailed(f"the response is not gzip: {error}") from error
    if response.status >= 300:
        raise problem_of(response.status, response.headers, body)
    return body


def problem_of(status: int, headers: Mapping[str, str], body: bytes) -> ProblemError:
    """The error that a response stands for, of the class of its `code`."""
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        content = {"title": excerpt(body)}
    return PROBLEMS.get(str(content.get("code")), ProblemError)(status, content, retry_after_of(headers))


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """The wait of a `Retry-After` in seconds; None where there is none or it is invalid."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        time = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (time - datetime.now(timezone.utc)).total_seconds()) if time.tzinfo else None


def excerpt(body: bytes) -> str:
    text = " ".join(body[:300].decode("utf-8", "replace").split())
    return text or "an empty body"
