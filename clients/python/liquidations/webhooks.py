"""Deliveries of webhooks (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from dataclasses import dataclass
from typing import Iterable, Mapping

from .api.types import WebhookEvent
from .errors import WebhookRefused

#: A delivery further off than this was perhaps recorded and sent again, seconds.
TOLERANCE = 300.0
#: Seconds since 1970 of any year that may come. Text of more digits is no time, and `int` refuses it from 4,301 on.
TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class VerifiedDelivery:
    """A delivery whose signature fits.

    :ivar id: the same for every attempt: delivery is at least once, so pass over ids that you have seen
    :ivar time: when it was sent, seconds since 1970
    """

    id: str
    time: int
    event: WebhookEvent


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Iterable[str],
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> VerifiedDelivery:
    """The id, time and event of a delivery whose signature fits.

    :param body: exactly as it came, before any JSON is parsed
    :param headers: of the request; upper and lower case are the same
    :param secret: the endpoint's, which begins with `whsec_`; or several, as around a rotation
    :param now: seconds since 1970; default: the clock
    :raises WebhookRefused: where the delivery is not to be trusted
    :raises ValueError: where a secret is none
    """
    content = encoded(body) if isinstance(body, str) else body
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp, signature = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (webhook_id and timestamp and signature):
        raise WebhookRefused("webhook-id, webhook-timestamp or webhook-signature is missing")
    if TIMESTAMP.fullmatch(timestamp) is None or abs((time.time() if now is None else now) - int(timestamp)) > tolerance:
        raise WebhookRefused("the timestamp is too far off")
    secrets = [secret] if isinstance(secret, str) else list(secret)
    signed = b".".join([encoded(webhook_id), timestamp.encode(), content])
    expected = [hmac.new(secret_key(one), signed, hashlib.sha256).digest() for one in secrets]
    if not any(hmac.compare_digest(one, value) for one in expected for value in signatures_of(signature)):
        raise WebhookRefused("no signature fits")
    return VerifiedDelivery(webhook_id, int(timestamp), json.loads(content))


def encoded(text: str) -> bytes:
    """The bytes of a text, also where somebody sent what is no UTF-8 and a server made half a character of it."""
    return text.encode("utf-8", "surrogatepass")


def secret_key(secret: str) -> bytes:
    """The key of a secret, as the API shows it."""
    try:
        if not secret.startswith("whsec_"):
            raise ValueError
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise ValueError("the secret of a webhook begins with whsec_ and goes on in base64") from None


def signatures_of(header: str) -> list[bytes]:
    """The signatures of version 1 in a header: two for 24 h after a rotation."""
    values = []
    for part in header.split(" "):
        version, _, value = part.partition(",")
        if version == "v1":
            try:
                values.append(base64.b64decode(value, validate=True))
            except ValueError:
                continue  # It is no base64, or has characters beyond ASCII.
    return values
