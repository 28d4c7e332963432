"""A client of the Liquidations API: forced liquidations of perpetual-futures venues, with what is not known of them.

    from liquidations import Client

    with Client("https://liquidations.example.com") as client:
        for row in client.list_liquidations(symbol="BTC", min_usd=100_000):
            print(row["exchange"], row["position_side"], row["usd_value"])
"""

from .answer import Answer
from .api import problems
from .api.version import API_VERSION
from .async_client import AsyncClient
from .async_stream import AsyncStream
from .client import Client
from .coverage import Coverage
from .errors import (
    ConnectionFailed,
    ExportFailed,
    IntegrityError,
    LiquidationsError,
    MissingPackage,
    ProblemError,
    StreamClosed,
    WebhookRefused,
)
from .files import DataFiles, Day, Export
from .ledger import LedgerVerdict
from .pages import AsyncPages, Pages
from .stream import Stream
from .webhooks import VerifiedDelivery, verify_webhook

__version__ = API_VERSION

__all__ = [
    "API_VERSION",
    "Answer",
    "AsyncClient",
    "AsyncPages",
    "AsyncStream",
    "Client",
    "ConnectionFailed",
    "Coverage",
    "DataFiles",
    "Day",
    "Export",
    "ExportFailed",
    "IntegrityError",
    "LedgerVerdict",
    "LiquidationsError",
    "MissingPackage",
    "Pages",
    "ProblemError",
    "Stream",
    "StreamClosed",
    "VerifiedDelivery",
    "WebhookRefused",
    "problems",
    "verify_webhook",
]
