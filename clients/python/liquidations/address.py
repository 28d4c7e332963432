"""The address of a server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Address:
    """Where requests go."""

    is_tls: bool
    host: str
    port: int
    #: What comes before the path of each request; mostly empty.
    prefix: str

    @property
    def authority(self) -> str:
        """The value of the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def parse_address(url: str, key: str | None) -> Address:
    """Reads the address of a server.

    :raises ValueError: where it is none, or would send a key in clear text to another machine
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname is None:
        raise ValueError(f"url is {url!r}; allowed: an address such as https://liquidations.example.com")
    is_tls = parts.scheme == "https"
    if key is not None and not is_tls and not is_loopback(parts.hostname):
        raise ValueError(f"url is {url!r}; allowed with a key: an https:// address, or http:// of this machine (localhost, 127.0.0.1, [::1])")
    return Address(is_tls, parts.hostname, parts.port or (443 if is_tls else 80), parts.path.rstrip("/"))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
