import asyncio
import gzip
import hashlib
import importlib.util
import inspect
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable

from liquidations import Answer, AsyncClient, Client, ConnectionFailed, Coverage, Export, ExportFailed, IntegrityError, MissingPackage
from liquidations.api import columns
from liquidations.files import Day, rows_of
from liquidations.tables import arrow_table, html_table, pandas_table, polars_table

from .serving import META, Answer as Serve, Handler, ImpatientCase, QueueServer, cut, data

GAP = {"exchange": "okx", "from_time": 1_795_250_100_000, "to_time": 1_795_250_143_000, "reason": "disconnected"}
OPEN_GAP = {"exchange": "<b>", "from_time": 1_795_250_100_000, "to_time": None, "reason": "silent"}
MISSING = {"start": 1_795_250_000_000, "end": 1_795_250_100_000, "code": "archive_off", "detail": "There is no archive."}
ROWS: list[dict[str, Any]] = [
    {"event_id": "a", "event_time": 1_795_250_100_000, "usd_value": 12, "mark_age_ms": None, "mark_price": 80_000.5, "cascade_id": None},
    {"event_id": "b", "event_time": 1_795_250_101_250, "usd_value": None, "mark_age_ms": 74, "mark_price": None, "cascade_id": None},
]
KINDS = {name: columns.LIQUIDATIONS[name] for name in ROWS[0]}


def needs(name: str) -> Any:
    return unittest.skipIf(importlib.util.find_spec(name) is None, f"{name} is not installed")


class Coverages(unittest.TestCase):
    def setUp(self) -> None:
        metas = [{"coverage": {"okx": "sampled", "bybit": "all_reported"}, "gaps": [GAP]}, {"coverage": {"okx": "sampled"}, "gaps": [GAP, OPEN_GAP], "not_covered": MISSING}]
        self.coverage = Coverage.of(metas)

    def test_says_each_thing_once(self) -> None:
        self.assertEqual(self.coverage.venues, {"okx": ["sampled"], "bybit": ["all_reported"]})
        self.assertEqual(self.coverage.gaps, [GAP, OPEN_GAP])
        self.assertEqual(self.coverage.not_covered, [MISSING])
        self.assertFalse(self.coverage.is_whole)
        self.assertTrue(Coverage.of([{"coverage": {"okx": "sampled"}}]).is_whole)

    def test_reads_manifests_of_days_and_exports_too(self) -> None:
        manifest = {"exchanges": {"okx": {"rows": 3, "coverage": ["sampled", "none"]}}, "gaps": [], "gaps_truncated": True, "not_covered": [MISSING, MISSING]}
        coverage = Coverage.of([manifest])
        self.assertEqual((coverage.venues, coverage.not_covered), ({"okx": ["sampled", "none"]}, [MISSING]))
        self.assertIn("There are more gaps than are listed.", str(coverage))

    def test_shows_itself_in_a_terminal_and_in_a_notebook(self) -> None:
        text, page = str(self.coverage), self.coverage._repr_html_()
        self.assertIn("okx: a sample, a lower bound; 2026-11-21 08:35:00 to 2026-11-21 08:35:43: disconnected", text)
        self.assertIn("bybit: all liquidations; no gap known", text)
        self.assertIn("Not answered: 2026-11-21 08:33:20 to 2026-11-21 08:35:00: There is no archive.", text)
        self.assertIn("<td>okx</td><td>a sample, a lower bound</td>", page)
        self.assertIn("&lt;b&gt;", page)
        self.assertIn("to now: silent", page)

    def test_an_answer_shows_its_rows_with_a_dash_for_what_is_unknown(self) -> None:
        page = Answer(ROWS, {**META, "gaps": [GAP]})._repr_html_()  # type: ignore[arg-type]
        self.assertIn("<td>a</td>", page)
        self.assertIn("<td>—</td>", page)
        self.assertIn("disconnected", page)
        self.assertEqual(html_table([]), "<table><thead><tr></tr></thead><tbody></tbody></table>")


class Tables(unittest.TestCase):
    @needs("pandas")
    def test_pandas(self) -> None:
        frame = pandas_table(ROWS, KINDS)
        self.assertEqual(
            {name: str(kind) for name, kind in frame.dtypes.items()},
            {"event_id": "object", "event_time": "datetime64[ns, UTC]", "usd_value": "float64", "mark_age_ms": "Int64", "mark_price": "float64", "cascade_id": "object"},
        )
        self.assertEqual(frame["event_time"][1].isoformat(), "2026-11-21T08:35:01.250000+00:00")
        self.assertEqual(frame["usd_value"].isna().tolist(), [False, True])
        self.assertEqual(frame["mark_age_ms"].isna().tolist(), [True, False])
        self.assertEqual(list(pandas_table([], KINDS).columns), list(KINDS))

    @needs("pandas")
    def test_pandas_has_the_coverage_of_all_pages(self) -> None:
        with QueueServer(data(ROWS, next_cursor="2", gaps=[GAP]), data(ROWS, gaps=[OPEN_GAP])) as server, Client(server.url) as client:
            frame = client.list_liquidations(symbol="BTC").to_pandas()
        self.assertEqual(len(frame), 4)
        self.assertEqual(frame.attrs["coverage"]["gaps"], [GAP, OPEN_GAP])

    @needs("polars")
    def test_polars(self) -> None:
        frame = polars_table(ROWS, KINDS)
        kinds = ["String", "Datetime(time_unit='ms', time_zone='UTC')", "Float64", "Int64", "Float64", "String"]
        self.assertEqual([str(kind) for kind in frame.dtypes], kinds)
        self.assertEqual(frame["usd_value"].to_list(), [12.0, None])

    @needs("pyarrow")
    def test_arrow(self) -> None:
        table = arrow_table(ROWS, KINDS)
        self.assertEqual([str(kind) for kind in table.schema.types], ["string", "timestamp[ms, tz=UTC]", "double", "int64", "double", "string"])
        self.assertEqual(table.column("mark_age_ms").to_pylist(), [None, 74])

    @needs("pyarrow")
    def test_rows_of_parquet(self) -> None:
        import pyarrow.parquet

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.parquet"
            pyarrow.parquet.write_table(arrow_table(ROWS, KINDS), path)
            self.assertEqual(list(rows_of(path)), ROWS)

    def test_what_is_not_installed_is_named_with_what_works_without(self) -> None:
        for name, table in (("pandas", pandas_table), ("polars", polars_table), ("pyarrow", arrow_table)):
            if importlib.util.find_spec(name) is None:
                with self.assertRaisesRegex(MissingPackage, rf"{name} is not installed: pip install {name}\. Iterating"):
                    table(ROWS, KINDS)


def described(body: bytes, name: str = "rows.ndjson") -> dict[str, Any]:
    return {"name": name, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest(), "path": f"/files/{name}", "rows": 2}


BODY = "".join(f"{json.dumps(row)}\n" for row in ROWS).encode()


def with_client(kind: type, url: str, call: Callable[[Any], Any]) -> Any:
    """What a call of either client comes to."""

    async def awaited() -> Any:
        async with kind(url) as client:
            return await call(client)

    if kind is AsyncClient:
        return asyncio.run(awaited())
    with kind(url) as client:
        return call(client)


def part_of(body: bytes, sent: int) -> Serve:
    """A download that breaks off."""

    def answer(handler: Handler) -> None:
        begin = int((handler.headers["Range"] or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        handler.send_response(206 if begin else 200)
        handler.send_header("Content-Length", str(len(body) - begin))
        handler.end_headers()
        handler.wfile.write(body[begin : begin + sent])
        handler.wfile.flush()
        if begin + sent < len(body):
            handler.cut()

    return answer


def without_range(handler: Handler) -> Handler:
    """The request as a server reads it that sends whole files only."""
    del handler.headers["Range"]
    return handler


class Downloads(ImpatientCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.target = self.folder / "deep" / "rows.ndjson"

    def download(self, kind: type, url: str, file: dict[str, Any]) -> Path:
        path: Path = with_client(kind, url, lambda client: client.download(file["path"], self.target, file))
        return path

    def test_continues_where_it_was_cut_and_verifies(self) -> None:
        for kind in (Client, AsyncClient):
            with self.subTest(kind.__name__), QueueServer(part_of(BODY, 20), part_of(BODY, 30), part_of(BODY, 9_999)) as server:
                self.target.unlink(missing_ok=True)
                path = self.download(kind, server.url, described(BODY))
                self.assertEqual(path.read_bytes(), BODY)
                self.assertEqual([handler.headers["Range"] for handler in server.asked], [None, "bytes=20-", "bytes=50-"])
                self.download(kind, server.url, described(BODY))
                self.assertEqual(len(server.asked), 3)

    def test_goes_on_however_often_it_is_cut_while_something_comes(self) -> None:
        for kind in (Client, AsyncClient):
            with self.subTest(kind.__name__), QueueServer(*[part_of(BODY, 20)] * 9, part_of(BODY, 9_999)) as server:
                self.target.unlink(missing_ok=True)
                self.assertEqual(self.download(kind, server.url, described(BODY)).read_bytes(), BODY)
                self.assertEqual(len(server.asked), 10)

    def test_gives_up_where_nothing_comes_that_it_did_not_have(self) -> None:
        whole = lambda sent: lambda handler: part_of(BODY, sent)(without_range(handler))  # noqa: E731
        for kind in (Client, AsyncClient):
            for answers in ([part_of(BODY, 20), *[cut] * 9], [whole(20), whole(20), whole(30), *[whole(20)] * 9]):
                with self.subTest(kind.__name__), QueueServer(*answers) as server, self.assertRaises(ConnectionFailed):
                    self.download(kind, server.url, described(BODY))
                self.assertEqual(len(server.asked), 5 if answers[1] is cut else 7)

    def test_begins_again_where_the_server_sends_the_whole_file(self) -> None:
        whole = lambda handler: handler.send(200, BODY, {})  # noqa: E731
        with QueueServer(part_of(BODY, 20), whole) as server:
            self.assertEqual(self.download(Client, server.url, described(BODY)).read_bytes(), BODY)

    def test_another_file_is_refused_and_nothing_is_left_of_it(self) -> None:
        for kind in (Client, AsyncClient):
            with self.subTest(kind.__name__), QueueServer(part_of(BODY[::-1], 9_999)) as server:
                with self.assertRaisesRegex(IntegrityError, "should have"):
                    self.download(kind, server.url, described(BODY))
                self.assertEqual(list(self.target.parent.iterdir()), [])

    def test_a_day_is_its_file_with_its_manifest(self) -> None:
        manifest = {**described(BODY, "liquidation_20261120.ndjson"), "date": "2026-11-20", "gaps": [GAP], "exchanges": {"okx": {"rows": 2, "coverage": ["sampled"]}}}
        with QueueServer(data(manifest), part_of(BODY, 9_999)) as server:
            day = with_client(Client, server.url, lambda client: client.day("2026-11-20", self.folder))
            self.assertEqual(server.targets, ["/v1/datasets/2026-11-20?kind=liquidations", "/files/liquidation_20261120.ndjson"])
        self.assertEqual((day.path.name, list(day.rows()), len(day), day.coverage.gaps), ("liquidation_20261120.ndjson", ROWS, 2, [GAP]))
        self.assertIn("2026-11-20: 2 rows", repr(day))

    def test_a_day_that_is_replaced_meanwhile_is_asked_for_again(self) -> None:
        former, late = ({**described(body, "day.ndjson"), "date": "2026-11-20"} for body in (BODY[: len(BODY) // 2], BODY))
        for kind in (Client, AsyncClient):
            with self.subTest(kind.__name__), QueueServer(data(former), part_of(BODY, 9_999), data(late), part_of(BODY, 9_999)) as server:
                day = with_client(kind, server.url, lambda client: client.day("2026-11-20", self.folder / kind.__name__))
                self.assertEqual((day.path.read_bytes(), day.manifest["sha256"]), (BODY, late["sha256"]))
            with self.subTest(kind.__name__), QueueServer(*[data(former), part_of(BODY, 9_999)] * 3) as server:
                with self.assertRaisesRegex(IntegrityError, "should have"):
                    with_client(kind, server.url, lambda client: client.day("2026-11-20", self.folder / "other"))
                self.assertEqual(len(server.asked), 6)

    def test_rows_that_the_manifest_does_not_name_are_an_error(self) -> None:
        path = self.folder / "rows.ndjson"
        path.write_bytes(BODY)
        with self.assertRaisesRegex(IntegrityError, "2 rows, but the manifest names 3"):
            list(Day(path, {"rows": 3}).rows())  # type: ignore[typeddict-item]

    def test_rows_are_read_from_every_text_but_csv(self) -> None:
        for name, body in (("a.ndjson", BODY), ("a.ndjson.gz", gzip.compress(BODY)), ("a.json", json.dumps(ROWS).encode())):
            (self.folder / name).write_bytes(body)
            self.assertEqual(list(rows_of(self.folder / name)), ROWS, name)
        for name in ("a.csv", *(["a.parquet"] if importlib.util.find_spec("pyarrow") is None else [])):
            with self.subTest(name), self.assertRaisesRegex(MissingPackage, 'format="ndjson"'):
                list(rows_of(self.folder / name))


class Exports(ImpatientCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    @staticmethod
    def record(state: str, progress: float) -> dict[str, Any]:
        done = {"downloads": [described(BODY, "../rows.ndjson")], "manifest": {"coverage": {"okx": "sampled"}, "gaps": [GAP]}, "rows": 2}
        shared = {"export_id": "x", "state": state, "progress": progress, "error": "no room", "request": {"kind": "liquidations"}}
        return {**shared, **(done if state == "done" else {"downloads": [], "manifest": None, "rows": 0})}

    def test_waits_with_progress_downloads_and_verifies(self) -> None:
        for kind in (Client, AsyncClient):
            records = [self.record("queued", 0), self.record("running", 0.5), self.record("done", 1)]
            with self.subTest(kind.__name__), QueueServer(data({"export_id": "x"}), *map(data, records), part_of(BODY, 9_999)) as server:
                seen: list[float] = []
                body = {"start": 0, "format": "ndjson"}
                note = lambda record: seen.append(record["progress"])  # noqa: E731
                export: Export = with_client(kind, server.url, lambda client: client.export(body, self.folder, progress=note))
                self.assertEqual(seen, [0, 0.5, 1])
                self.assertEqual((list(export.rows()), export.coverage.gaps), (ROWS, [GAP]))
                self.assertEqual(export.paths, [self.folder / "rows.ndjson"])
                export.paths[0].unlink()

    def test_columns_have_their_kinds_whatever_the_export_is_of(self) -> None:
        for kind, times in (("liquidations", "event_time"), ("minute_marks", "minute"), ("estimated_totals", "minute")):
            record = self.record("done", 1) | {"request": {"kind": kind}}
            self.assertEqual(Export([], record)._kinds[times], "time", kind)
            record = record | {"request": {"kind": kind, "columns": [times, "symbol"]}}
            self.assertEqual(Export([], record)._kinds, {times: "time", "symbol": "text"}, kind)

    def test_one_that_failed_says_why(self) -> None:
        with QueueServer(data(self.record("failed", 0.3))) as server:
            with self.assertRaisesRegex(ExportFailed, "export x failed: no room"):
                with_client(Client, server.url, lambda client: client.finish_export("x", self.folder))


class Surface(unittest.TestCase):
    def test_both_clients_have_the_same_methods_with_the_same_parameters(self) -> None:
        def methods(client: type) -> dict[str, list[str]]:
            public = inspect.getmembers(client, inspect.isfunction)
            return {name: list(inspect.signature(method).parameters) for name, method in public if not name.startswith("_")}

        self.assertEqual(methods(Client), methods(AsyncClient))
        self.assertGreater(len(methods(Client)), 50)
