"""Both clients read the same stream and print what they get, one JSON object a line, until standard input ends.

    python3 -m tests.kill_consumer http://127.0.0.1:8787

test/e2e/python-client.test.ts runs it behind a connection that it cuts.
"""

import asyncio
import json
import sys
import threading
from typing import Any

from liquidations import AsyncClient, Client

LOCK = threading.Lock()


def say(client: str, frame: Any) -> None:
    shown = {name: frame.get(name) for name in ("type", "id", "request", "resumed")}
    with LOCK:
        print(json.dumps({"client": client, **shown, "event_id": frame.get("data", {}).get("event_id")}), flush=True)


def read(url: str) -> None:
    for frame in Client(url).stream(["liquidation"]):
        say("sync", frame)


async def read_async(url: str) -> None:
    async with AsyncClient(url) as client, client.stream(["liquidation"], max_lag_ms=60_000) as stream:
        async for frame in stream:
            say("async", frame)


async def main(url: str) -> None:
    threading.Thread(target=read, args=(url,), daemon=True).start()
    reader = asyncio.create_task(read_async(url))
    await asyncio.to_thread(sys.stdin.read)
    reader.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
