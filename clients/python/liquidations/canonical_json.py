"""Canonical JSON according to RFC 8785: keys in the order of their UTF-16 units, no spaces, numbers as ECMAScript writes them."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

#: Beyond it, a number of JSON is the nearest double, as for ECMAScript.
MAX_SAFE_INTEGER = 2**53 - 1
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def canonical_json(value: Any) -> str:
    """A value as canonical JSON.

    :raises ValueError: where a number is not finite
    """
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return string_text(value)
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, dict):
        names = sorted(value, key=utf16_units)
        return "{" + ",".join(f"{string_text(name)}:{canonical_json(value[name])}" for name in names) + "}"
    return "[" + ",".join(canonical_json(item) for item in value) + "]"


def canonical_hash(value: Any) -> str:
    """SHA-256 of the canonical JSON of a value, in hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def utf16_units(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def string_text(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def number_text(value: int | float) -> str:
    """A number as ECMAScript's `Number::toString` writes it.

    https://tc39.es/ecma262/#sec-numeric-types-number-tostring
    """
    if isinstance(value, int) and abs(value) <= MAX_SAFE_INTEGER:
        return str(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} cannot be written as JSON")
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    # Both languages take the fewest digits that give the same double, and differ in where they put the point.
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + placed(digits, point)


def placed(digits: str, point: int) -> str:
    """Digits with their point after the first `point` of them."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return digits + exponent if count == 1 else f"{digits[0]}.{digits[1:]}{exponent}"
