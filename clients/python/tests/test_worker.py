"""Against a running server: LIQUIDATIONS_URL, and LIQUIDATIONS_KEY with the scopes `read`, `export` and `webhooks`."""

import asyncio
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from liquidations import AsyncClient, Client, WebhookRefused, problems, verify_webhook
from liquidations.api.version import API_VERSION

URL = os.environ.get("LIQUIDATIONS_URL", "")
KEY = os.environ.get("LIQUIDATIONS_KEY")
ROOT = Path(__file__).resolve().parent.parent
DAY_MS_AGO = round(time.time() * 1000) - 86_400_000
#: The closed day whose file the server has.
DATE = os.environ.get("LIQUIDATIONS_DATE", "2026-11-20")


@unittest.skipUnless(URL, "LIQUIDATIONS_URL is not set")
class Worker(unittest.TestCase):
    def setUp(self) -> None:
        self.client = self.enterContext(Client(URL, KEY))
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_is_of_the_version_of_this_package(self) -> None:
        self.assertEqual(self.client.request("GET", "/openapi.json")["info"]["version"], API_VERSION)

    def test_pages_of_both_clients_are_the_same_rows_each_once(self) -> None:
        # Long enough ago for everything to be stored.
        range_of_day: Any = {"start": DAY_MS_AGO, "end": round(time.time() * 1000) - 10_000}
        ids = [row["event_id"] for row in self.client.list_liquidations(**range_of_day, limit=20)]
        self.assertGreater(len(ids), 20)
        self.assertEqual(len(ids), len(set(ids)))

        async def again() -> list[str]:
            async with AsyncClient(URL, KEY) as client:
                return [row["event_id"] async for row in client.list_liquidations(**range_of_day, limit=1000)]

        self.assertEqual(asyncio.run(again()), ids)

    def test_what_is_not_answered_is_in_the_coverage(self) -> None:
        liquidations = self.client.list_liquidations(start=DAY_MS_AGO - 3 * 86_400_000, order="asc")
        liquidations.first()
        self.assertIn("Not answered:", str(liquidations.coverage))
        self.assertIn("<table>", liquidations.coverage._repr_html_())

    def test_an_unknown_symbol_names_the_nearest(self) -> None:
        with self.assertRaises(problems.UnknownSymbol) as caught:
            self.client.get_stats("BTX")
        self.assertIn("BTC", caught.exception.nearest or [])

    @unittest.skipIf(importlib.util.find_spec("pandas") is None, "pandas is not installed")
    def test_pandas_gets_typed_columns_of_every_list(self) -> None:
        frame = self.client.list_liquidations(limit=50, sort="usd").pages()
        page = next(frame).to_pandas()
        self.assertEqual(str(page["event_time"].dtype), "datetime64[ns, UTC]")
        self.assertEqual(str(page["impact_60s_bps"].dtype), "float64")
        self.assertIn("venues", page.attrs["coverage"])
        for rows in (self.client.list_signals(), self.client.list_grades(), self.client.list_cascades(), self.client.list_datasets(), self.client.list_symbols()):
            rows.first().to_pandas()

    def test_a_day_is_downloaded_and_verified(self) -> None:
        day = self.client.day(DATE, self.folder)
        self.assertEqual(day.path.read_bytes()[:4], b"PAR1")
        self.assertEqual([one.path.name for one in self.client.days(DATE, "2027", self.folder)], [day.path.name])
        if importlib.util.find_spec("pyarrow") is not None:
            self.assertEqual(sum(1 for _ in day.rows()), len(day))

    def test_an_export_is_made_with_progress_and_its_rows_are_read(self) -> None:
        seen: list[float] = []
        body: Any = {"start": DATE, "end": "2026-11-21", "format": "ndjson", "compression": "gzip", "symbols": ["BTC"]}
        export = self.client.export(body, self.folder, progress=lambda record: seen.append(record["progress"]))
        rows = list(export.rows())
        self.assertEqual((len(rows), {row["symbol"] for row in rows}), (len(export), {"BTC"}))
        self.assertGreater(len(rows), 10)
        self.assertEqual(seen[-1], 1)

    def test_the_ledger_matches_and_an_anchor_of_another_one_is_missing(self) -> None:
        head = self.client.verify_signals().data["head"]
        found = self.client.verify_ledger([f"{head['sequence']}:{head['hash']}"])
        self.assertTrue(found.matches, str(found))
        self.assertGreater(found.decisions.head.sequence, 0)
        self.assertFalse(self.client.verify_ledger([f"{head['sequence']}:{'f' * 64}"]).matches)

        async def again() -> bool:
            async with AsyncClient(URL, KEY) as client:
                return (await client.verify_ledger()).matches

        self.assertTrue(asyncio.run(again()))

    def test_a_delivery_of_a_webhook_is_verified(self) -> None:
        deliveries: list[tuple[bytes, dict[str, str]]] = []
        arrived = threading.Event()

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                deliveries.append((self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers)))
                self.send_response(204)
                self.end_headers()
                arrived.set()

            def log_message(self, *_args: Any) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
            threading.Thread(target=receiver.serve_forever, daemon=True).start()
            made = self.client.create_webhook({"url": f"http://127.0.0.1:{receiver.server_port}/", "events": ["ledger.anchored"]}).data
            self.client.test_webhook(made["id"])
            self.assertTrue(arrived.wait(30), "no delivery within 30 s")
            self.client.delete_webhook(made["id"])
            receiver.shutdown()
        body, headers = deliveries[0]
        self.assertEqual(verify_webhook(body, headers, made["secret"]).event["type"], "webhook.test")
        with self.assertRaises(WebhookRefused):
            verify_webhook(body + b" ", headers, made["secret"])

    def test_a_stream_of_a_lost_log_begins_with_a_named_gap(self) -> None:
        with self.client.stream(["liquidation"], last_event_id="aaaaaa-5") as stream:
            frames = [next(stream) for _ in range(3)]
        gap = next(frame for frame in frames if frame["type"] == "gap")
        self.assertIsInstance(self.client.request("GET", gap["request"])["data"], list)
        self.assertEqual(next(frame for frame in frames if frame["type"] == "hello")["resumed"], "expired")

    def test_a_stream_refuses_what_is_wrong_with_the_apis_words(self) -> None:
        with self.client.stream(symbol="BTX") as stream, self.assertRaises(problems.UnknownSymbol):
            next(stream)


@unittest.skipUnless(URL, "LIQUIDATIONS_URL is not set")
class Programs(unittest.TestCase):
    """The programs that the pages show, run."""

    def run_program(self, arguments: list[str], folder: str, *, is_endless: bool = False) -> str:
        """The output of a program, up to its end; of one that has none, ten lines."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as child:
            if is_endless and child.stdout is not None:
                lines = [child.stdout.readline() for _ in range(10)]
                child.kill()
                return "".join(lines)
            out, err = child.communicate(timeout=60)
            self.assertEqual(child.returncode, 0, err)
            return out

    def test_the_blocks_of_the_readme_run(self) -> None:
        text = (ROOT / "README.md").read_text()
        blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        self.assertGreaterEqual(len(blocks), 8)
        for block in blocks:
            if "to_pandas" in block and importlib.util.find_spec("pandas") is None:
                continue
            with self.subTest(block), tempfile.TemporaryDirectory() as folder:
                code = block.replace("http://localhost:8787", URL)
                out = self.run_program(["-u", "-c", code], folder, is_endless="for frame in" in code)
                self.assertTrue(out.strip() or "verify_webhook" in block, "it prints nothing")

    def test_the_examples_run_and_say_what_is_not_known(self) -> None:
        expected = {
            "profile_of_a_day.py": ["longs, USD", "Largest liquidations", "a sample, a lower bound"],
            "cascade_case.py": ["positions liquidated", "Venues:"],
            "analyst_reliability.py": ["decisions match", "baseline", "on paper"],
        }
        for name, says in expected.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                out = self.run_program([str(ROOT / "examples" / name)], folder)
                for words in says:
                    self.assertIn(words, out)
