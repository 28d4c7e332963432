import asyncio
import gzip
import json
import threading
import unittest
from datetime import date, datetime, timedelta, timezone

from liquidations import AsyncClient, Client, ConnectionFailed, ProblemError, problems
from liquidations.moment import moment_value
from liquidations.retry import Backoff, Retry
from liquidations.messages import query_text, retry_after_of

from .serving import Handler, ImpatientCase, QueueServer, cut, data, problem, raw

ROW = {"symbol": "BTC", "collected": True, "exchanges": {}}


class Requests(ImpatientCase):
    def test_a_problem_becomes_an_error_of_the_class_of_its_code(self) -> None:
        body = {"code": "unknown_symbol", "detail": "No asset BTX.", "errors": [{"parameter": "symbol", "detail": "?"}], "nearest": ["BTC"], "request_id": "r-7"}
        with QueueServer(raw(404, body)) as server, Client(server.url) as client:
            with self.assertRaises(problems.UnknownSymbol) as caught:
                client.get_stats("BTX")
        error = caught.exception
        self.assertEqual((error.status, error.code, error.nearest, error.request_id), (404, "unknown_symbol", ["BTC"], "r-7"))
        self.assertEqual(error.errors[0]["parameter"], "symbol")
        self.assertIsInstance(error, ProblemError)

    def test_a_problem_of_an_unknown_code_or_of_a_proxy_is_a_problem_all_the_same(self) -> None:
        page = lambda handler: handler.send(403, b"<html>no entry</html>", {"Content-Type": "text/html"})  # noqa: E731
        moved = lambda handler: handler.send(301, b"moved", {"Location": "https://example.com/"})  # noqa: E731
        with QueueServer(problem(418, "teapot"), page, moved) as server, Client(server.url) as client:
            for code, says in (("teapot", "this is teapot"), (None, "no entry"), (None, "301 without a code: moved")):
                with self.assertRaises(ProblemError) as caught:
                    client.get_status()
                self.assertEqual(caught.exception.code, code)
                self.assertIn(says, str(caught.exception))

    def test_a_page_before_the_api_is_a_failed_connection(self) -> None:
        page = lambda handler: handler.send(200, b"<html>log in</html>", {})  # noqa: E731
        with QueueServer(page) as server, Client(server.url, retries=0) as client:
            with self.assertRaisesRegex(ConnectionFailed, "log in"):
                client.get_status()

    def test_waits_as_long_as_retry_after_says_and_asks_again(self) -> None:
        answers = (problem(429, "rate_limited", Retry_After="0"), problem(503, "storage_unavailable", Retry_After="0"), cut, data([ROW]))
        with QueueServer(*answers) as server, Client(server.url) as client:
            self.assertEqual([row["symbol"] for row in client.list_symbols()], ["BTC"])
            self.assertEqual(len(server.asked), 4)

    def test_what_a_wait_does_not_mend_is_said_at_once(self) -> None:
        for status, code in ((502, "archive_key_refused"), (503, "misconfigured"), (400, "bad_parameters"), (501, "archive_off")):
            with self.subTest(code), QueueServer(problem(status, code)) as server, Client(server.url) as client:
                with self.assertRaises(ProblemError):
                    client.get_status()
                self.assertEqual(len(server.asked), 1)

    def test_a_wait_beyond_the_longest_is_said_instead(self) -> None:
        with QueueServer(problem(429, "quota_exceeded", Retry_After="3600")) as server, Client(server.url) as client:
            with self.assertRaises(problems.QuotaExceeded) as caught:
                client.get_status()
        self.assertEqual(caught.exception.retry_after, 3600)

    def test_what_creates_something_is_sent_again_under_the_same_key_and_else_not(self) -> None:
        export = {"start": date(2026, 11, 20), "format": "csv"}
        with QueueServer(cut, data({"export_id": "x"}), cut) as server, Client(server.url) as client:
            self.assertEqual(client.create_export(export).data["export_id"], "x")  # type: ignore[arg-type]
            first, second = server.asked
            self.assertEqual(first.headers["Idempotency-Key"], second.headers["Idempotency-Key"])
            self.assertEqual(json.loads(second.body), {"start": "2026-11-20", "format": "csv"})
            with self.assertRaises(ConnectionFailed):
                client.update_webhook("hook", {"description": "new"})
            self.assertEqual(len(server.asked), 3)

    def test_the_key_goes_into_a_header_and_never_over_plain_http_to_others(self) -> None:
        with QueueServer(data({})) as server, Client(server.url, "liq_secret") as client:
            client.get_status()
            (asked,) = server.asked
        self.assertEqual(asked.headers["Authorization"], "Bearer liq_secret")
        self.assertRegex(asked.headers["User-Agent"], r"^liquidations-python/\d")
        for url in ("http://liquidations.example.com", "ftp://localhost", "localhost:8787"):
            with self.subTest(url), self.assertRaisesRegex(ValueError, "allowed"):
                Client(url, "liq_secret")

    def test_a_connection_is_used_again_and_one_that_the_server_closed_costs_no_error(self) -> None:
        def last(handler: Handler) -> None:
            data({})(handler)
            handler.close_connection = True

        with QueueServer(data({}), last, data({})) as server, Client(server.url, retries=0) as client:
            for _ in range(3):
                client.get_status()
            ports = [handler.client_address[1] for handler in server.asked]
        self.assertEqual(ports[0], ports[1])
        self.assertNotEqual(ports[1], ports[2])

    def test_gzip_is_asked_for_and_read(self) -> None:
        body = gzip.compress(json.dumps({"data": [ROW], "meta": {"next_cursor": None}}).encode())
        zipped = lambda handler: handler.send(200, body, {"Content-Encoding": "gzip"})  # noqa: E731
        with QueueServer(zipped) as server, Client(server.url) as client:
            self.assertEqual(list(client.list_symbols()), [ROW])
            self.assertEqual(server.asked[0].headers["Accept-Encoding"], "gzip")


class AsyncRequests(ImpatientCase, unittest.IsolatedAsyncioTestCase):
    async def test_waits_as_long_as_retry_after_says_and_asks_again(self) -> None:
        answers = (problem(429, "rate_limited", Retry_After="0"), cut, data([ROW], next_cursor="2"), data([ROW]))
        with QueueServer(*answers) as server:
            async with AsyncClient(server.url) as client:
                rows = [row async for row in client.list_symbols(limit=1)]
            self.assertEqual(rows, [ROW, ROW])
            self.assertEqual(server.targets[-1], "/v1/symbols?limit=1&cursor=2")

    async def test_problems_are_the_same_and_connections_are_used_again(self) -> None:
        with QueueServer(data({}), data({}), problem(404, "not_found")) as server:
            async with AsyncClient(server.url) as client:
                await client.get_status()
                await client.get_status()
                with self.assertRaises(problems.NotFound):
                    await client.get_cascade("none")
            self.assertEqual(len({handler.client_address[1] for handler in server.asked}), 1)

    async def test_a_response_that_takes_longer_than_the_timeout_is_whole_while_something_comes(self) -> None:
        def slow(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "15")
            handler.end_headers()
            for part in (b'{"da', b'ta":"', b"sl", b'ow"}'):
                threading.Event().wait(0.15)
                handler.wfile.write(part)

        def silent(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "15")
            handler.end_headers()
            threading.Event().wait(0.8)

        with QueueServer(slow, slow, silent) as server:
            with Client(server.url, timeout=0.4, retries=0) as client:
                self.assertEqual((await asyncio.to_thread(client.get_status)).data, "slow")
            async with AsyncClient(server.url, timeout=0.4, retries=0) as patient:
                self.assertEqual((await patient.get_status()).data, "slow")
            async with AsyncClient(server.url, timeout=0.4, retries=0) as patient:
                with self.assertRaisesRegex(ConnectionFailed, "Timeout"):
                    await patient.get_status()

    async def test_many_at_once_each_get_their_own_answer(self) -> None:
        def echo(handler: Handler) -> None:
            data(handler.path)(handler)

        with QueueServer(*[echo] * 20) as server:
            async with AsyncClient(server.url) as client:
                answers = await asyncio.gather(*(client.get_stats(f"A{n}") for n in range(20)))
        self.assertEqual([answer.data for answer in answers], [f"/v1/stats?symbol=A{n}" for n in range(20)])

    async def test_a_request_that_is_cancelled_leaves_nothing_for_the_next_one(self) -> None:
        def half(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "100")
            handler.end_headers()
            handler.wfile.write(b'{"data": ')

        with QueueServer(half, data("whole")) as server:
            async with AsyncClient(server.url) as client:
                with self.assertRaises(TimeoutError):
                    await asyncio.wait_for(client.get_status(), 0.2)
                self.assertEqual((await client.get_status()).data, "whole")

    async def test_bodies_of_every_framing_are_read_and_broken_ones_fail(self) -> None:
        def chunked(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            handler.chunk('{"data": 1, ')
            handler.chunk('"meta": {}}')
            handler.wfile.write(b"0\r\n\r\n")

        def until_closed(handler: Handler) -> None:
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(b'{"data": 2, "meta": {}}')
            handler.cut()

        def broken(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            handler.chunk('{"data": 3')
            handler.cut()

        def strange(handler: Handler) -> None:
            handler.wfile.write(b"220 this is no HTTP\r\n")

        with QueueServer(chunked, until_closed, broken, strange) as server:
            async with AsyncClient(server.url, retries=0) as client:
                self.assertEqual([(await client.get_status()).data for _ in range(2)], [1, 2])
                for _ in range(2):
                    with self.assertRaises(ConnectionFailed):
                        await client.get_status()


class Values(unittest.TestCase):
    def test_moments(self) -> None:
        moment = datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=2)))
        self.assertEqual(moment_value(moment), 1795168800000)
        self.assertEqual(moment_value(date(2026, 11, 20)), "2026-11-20")
        self.assertEqual(moment_value(5), 5)
        with self.assertRaisesRegex(ValueError, "no time zone"):
            moment_value(datetime(2026, 11, 20))

    def test_queries(self) -> None:
        self.assertEqual(query_text({"symbol": ["BTC", "ETH"], "start": None, "x": "a b&c", "on": True}), "?symbol=BTC%2CETH&x=a+b%26c&on=true")
        self.assertEqual(query_text({"start": None}), "")

    def test_retry_after_in_seconds_or_as_a_date(self) -> None:
        self.assertEqual(retry_after_of({"retry-after": "7"}), 7)
        later = datetime.now(timezone.utc) + timedelta(seconds=90)
        self.assertAlmostEqual(retry_after_of({"retry-after": later.strftime("%a, %d %b %Y %H:%M:%S GMT")}) or 0, 90, delta=3)
        for text in ("", "soon", "-1"):
            self.assertIsNone(retry_after_of({"retry-after": text}), text)

    def test_waits_grow_up_to_a_cap_and_end_with_the_attempts(self) -> None:
        backoff = Backoff(base=0.5, cap=20)
        for failures, ceiling in ((1, 0.5), (3, 2), (9, 20), (1_000, 20)):
            waits = [backoff.wait(failures) for _ in range(200)]
            self.assertLessEqual(max(waits), ceiling)
            self.assertGreater(max(waits), ceiling * 0.8)
        self.assertIsNone(Retry(attempts=3).wait(3, ConnectionFailed("x")))
        self.assertIsNotNone(Retry(attempts=3).wait(2, ConnectionFailed("x")))
