import asyncio
import json
import threading
import unittest
from typing import Any

from liquidations import AsyncClient, Client, StreamClosed, problems
from liquidations.errors import ConnectionFailed, LiquidationsError, ProblemError
from liquidations.lag_buffer import MAX_FRAMES, LagBuffer
from liquidations.retry import Backoff
from liquidations.sse import EventParser
from liquidations.stream_place import MAX_RECENT_IDS, StreamPlace

from .serving import Answer, Handler, ImpatientCase, QueueServer, cut, events, problem, raw


def hello(at: str | None = "aaaaaa-1", resumed: str = "none") -> dict[str, Any]:
    return {"type": "hello", "id": at, "resumed": resumed}


def liquidation(sequence: int | None, epoch: str = "aaaaaa", time: int = 0) -> dict[str, Any]:
    place = {} if sequence is None else {"id": f"{epoch}-{sequence}"}
    return {"type": "liquidation", **place, "data": {"event_id": f"e{sequence or time}", "event_time": time or 1_000 + (sequence or 0)}}


GAP = {"type": "gap", "id": "bbbbbb-3", "from_time": 1, "to_time": 2, "request": "/v1/liquidations?start=1&end=3&order=asc"}
SKIPPED = {"type": "skipped", "id": "aaaaaa-9", "from_id": "aaaaaa-6", "to_id": "aaaaaa-9", "count": 4, "request": "/v1/liquidations"}
BEAT = {"type": "beat", "id": "aaaaaa-5", "n": 1, "through": 5, "gaps": []}
LIMIT = problem(429, "rate_limited", Retry_After="0")


def shown(frame: Any) -> str:
    return f"{frame['type']} {frame.get('id')} {frame.get('by', '')}".rstrip()


class Streams(ImpatientCase, unittest.IsolatedAsyncioTestCase):
    """Each case over blocking sockets and over asyncio."""

    async def frames(self, answers: list[Answer], count: int, **options: Any) -> tuple[list[str], list[str]]:
        """What a stream yields and asks; the same in both clients."""
        results = []
        for read in (self._sync, self._async):
            with QueueServer(*answers) as server:
                frames = await read(server.url, count, options)
                results.append(([shown(frame) for frame in frames if frame["type"] not in ("hello", "lost")], server.targets))
        self.assertEqual(results[0], results[1])
        return results[0]

    async def _sync(self, url: str, count: int, options: dict[str, Any]) -> list[Any]:
        def read() -> list[Any]:
            with Client(url).stream(**options) as stream:
                return [next(stream) for _ in range(count)]

        return await asyncio.to_thread(read)

    async def _async(self, url: str, count: int, options: dict[str, Any]) -> list[Any]:
        async with AsyncClient(url) as client, client.stream(**options) as stream:
            return [await anext(stream) for _ in range(count)]

    async def test_continues_after_the_last_frame_and_yields_each_once(self) -> None:
        answers = [
            events(hello(), liquidation(2), liquidation(3)),
            cut,
            LIMIT,
            events(hello("aaaaaa-3", "complete"), liquidation(3), liquidation(4), BEAT, SKIPPED),
            events(hello("aaaaaa-9", "complete"), liquidation(10)),
        ]
        frames, targets = await self.frames(answers, 13, channels=["liquidation"], symbol={"BTC"})
        self.assertEqual(frames, [
            "liquidation aaaaaa-2", "liquidation aaaaaa-3", "liquidation aaaaaa-4", "beat aaaaaa-5", "skipped aaaaaa-9 server", "liquidation aaaaaa-10",
        ])  # fmt: skip
        again = "/v1/stream?channels=liquidation&symbol=BTC"
        self.assertEqual(targets, [again, *[f"{again}&last_event_id=aaaaaa-3"] * 3, f"{again}&last_event_id=aaaaaa-9"])

    async def test_a_log_that_was_lost_is_a_gap_and_what_comes_twice_is_yielded_once(self) -> None:
        again = {**liquidation(3), "id": "bbbbbb-4"}
        answers = [events(hello(), liquidation(3)), events(hello("bbbbbb-2", "expired"), GAP, again, liquidation(5, "bbbbbb"))]
        frames, targets = await self.frames(answers, 6)
        self.assertEqual(frames, ["liquidation aaaaaa-3", "gap bbbbbb-3 server", "liquidation bbbbbb-5"])
        self.assertEqual(targets, ["/v1/stream", "/v1/stream?last_event_id=aaaaaa-3"])

    async def test_a_gap_that_was_cut_off_is_asked_for_again(self) -> None:
        answers = [events(hello("bbbbbb-2", "partial")), events(hello("bbbbbb-2", "partial"), GAP)]
        frames, targets = await self.frames(answers, 4, last_event_id="bbbbbb-1")
        self.assertEqual(frames, ["gap bbbbbb-3 server"])
        self.assertEqual(targets, ["/v1/stream?last_event_id=bbbbbb-1"] * 2)

    async def test_a_replay_of_stored_liquidations_continues_at_the_time_of_the_last_one(self) -> None:
        answers = [
            events(hello(None), liquidation(None, time=10), liquidation(None, time=20)),
            events(hello(None), liquidation(None, time=20), liquidation(None, time=30), liquidation(7)),
            events(hello("aaaaaa-7", "complete"), liquidation(8)),
        ]
        frames, targets = await self.frames(answers, 10, from_=5, speed=100)
        self.assertEqual(frames, [*["liquidation None"] * 3, "liquidation aaaaaa-7", "liquidation aaaaaa-8"])
        self.assertEqual(targets, ["/v1/stream?from=5&speed=100", "/v1/stream?from=20&speed=100", "/v1/stream?last_event_id=aaaaaa-7"])

    async def test_a_place_that_the_server_forgot_is_a_gap_of_the_client(self) -> None:
        beat = {**BEAT, "time": 1_000}
        refusal = raw(400, {"code": "bad_parameters", "detail": "no such frame", "errors": [{"parameter": "last_event_id", "detail": "?"}]})
        answers = [events(hello(), liquidation(4), beat), refusal, events(hello("aaaaaa-2"), liquidation(3))]
        frames, targets = await self.frames(answers, 7, side="long")
        self.assertEqual(frames, ["liquidation aaaaaa-4", "beat aaaaaa-5", "gap None client", "liquidation aaaaaa-3"])
        self.assertEqual(targets[1:], ["/v1/stream?side=long&last_event_id=aaaaaa-5", "/v1/stream?side=long"])
        with QueueServer(refusal) as server, self.assertRaises(problems.BadParameters):
            await self._async(server.url, 1, {"last_event_id": "aaaaaa-900"})

    async def test_a_cut_is_a_frame_and_the_place_is_that_of_what_the_loop_has_done_with(self) -> None:
        with QueueServer(events(hello(), liquidation(2), liquidation(3)), events(hello())) as server, Client(server.url).stream() as stream:
            places = [(shown(frame), stream.last_event_id) for frame, _ in zip(stream, range(4))]
            self.assertEqual(places[1:3], [("liquidation aaaaaa-2", "aaaaaa-1"), ("liquidation aaaaaa-3", "aaaaaa-2")])
            self.assertEqual(places[3], ("lost None", "aaaaaa-3"))
        with QueueServer(events(hello(), liquidation(2))) as server, Client(server.url).stream() as stream:
            lost = next(frame for frame in stream if frame["type"] == "lost")
        self.assertEqual((lost["failures"], lost["last_event_id"]), (1, "aaaaaa-2"))
        self.assertIn("broke off", lost["reason"])

    async def test_what_would_fail_again_is_an_error(self) -> None:
        closed = {"type": "closed", "code": 4001, "reason": "the key was revoked"}
        for answers, kind in (([events(hello(), closed)], StreamClosed), ([problem(404, "unknown_symbol")], problems.UnknownSymbol)):
            for read in (self._sync, self._async):
                with self.subTest(kind.__name__), QueueServer(*answers) as server:
                    with self.assertRaises(kind):
                        await read(server.url, 3, {})

    async def test_a_refusal_that_comes_in_parts_is_read_to_its_end(self) -> None:
        body = json.dumps({"code": "unknown_symbol", "detail": "no asset"}).encode()

        def parts(handler: Handler) -> None:
            handler.send_response(404)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:9])
            threading.Event().wait(0.1)
            handler.wfile.write(body[9:])

        for read in (self._sync, self._async):
            with QueueServer(parts) as server, self.assertRaises(problems.UnknownSymbol):
                await read(server.url, 1, {})

    async def test_with_a_lag_frames_are_the_same_for_who_reads_fast(self) -> None:
        wait = threading.Event()
        answers = [events(hello(), liquidation(2), SKIPPED), events(hello("aaaaaa-9"), liquidation(10), then=lambda _: wait.wait(5) and None)]
        frames, _targets = await self.frames(answers, 6, max_lag_ms=60_000)
        wait.set()
        self.assertEqual(frames, ["liquidation aaaaaa-2", "skipped aaaaaa-9 server", "liquidation aaaaaa-10"])

    async def test_a_stream_with_a_lag_passes_its_error_on(self) -> None:
        for read in (self._sync, self._async):
            with QueueServer(problem(401, "unauthorized")) as server:
                with self.assertRaises(problems.Unauthorized):
                    await read(server.url, 1, {"max_lag_ms": 100})

    async def test_who_reads_slowly_is_told_what_was_left_out(self) -> None:
        wait = threading.Event()
        answers = [events(hello(), *(liquidation(n) for n in range(2, 50)), BEAT, then=lambda _: wait.wait(5) and None)]
        for read in (self._slow_sync, self._slow_async):
            with QueueServer(*answers) as server:
                skipped, place = await read(server.url)
            self.assertEqual((shown(skipped), skipped["from_id"], skipped["count"]), ("skipped aaaaaa-49 client", "aaaaaa-2", 48))
            self.assertEqual(skipped["request"], "/v1/liquidations?symbol=BTC&start=1002&end=1050&order=asc")
            self.assertEqual(place, "aaaaaa-1")
        wait.set()

    async def _slow_sync(self, url: str) -> tuple[Any, str | None]:
        def read() -> tuple[Any, str | None]:
            with Client(url).stream(symbol="BTC", max_lag_ms=50) as stream:
                next(stream)
                threading.Event().wait(0.6)
                return next(stream), stream.last_event_id

        return await asyncio.to_thread(read)

    async def _slow_async(self, url: str) -> tuple[Any, str | None]:
        async with AsyncClient(url) as client, client.stream(symbol="BTC", max_lag_ms=50) as stream:
            await anext(stream)
            await asyncio.sleep(0.6)
            return await anext(stream), stream.last_event_id

    async def test_another_thread_ends_a_stream_that_waits(self) -> None:
        wait = threading.Event()
        for options in ({}, {"max_lag_ms": 100}):
            with QueueServer(events(hello(), then=lambda _: wait.wait(5) and None)) as server:
                stream = Client(server.url).stream(**options)
                next(stream)
                threading.Timer(0.2, stream.close).start()
                self.assertEqual(await asyncio.to_thread(list, stream), [])
        wait.set()

    async def test_another_thread_ends_a_stream_that_connects(self) -> None:
        for options in ({}, {"max_lag_ms": 100}):
            asked, go, wait = threading.Event(), threading.Event(), threading.Event()

            def late(handler: Handler) -> None:
                asked.set()
                go.wait(5)
                events(hello(), then=lambda _: wait.wait(5) and None)(handler)

            with QueueServer(late) as server:
                stream = Client(server.url).stream(**options)
                reading = asyncio.create_task(asyncio.to_thread(list, stream))
                await asyncio.to_thread(asked.wait, 5)
                stream.close()
                go.set()
                self.assertEqual(await reading, [])
                for thread in [thread for thread in threading.enumerate() if thread.name == "liquidations-stream"]:
                    await asyncio.to_thread(thread.join, 2)
                    self.assertFalse(thread.is_alive())
                wait.set()


class Places(unittest.TestCase):
    def test_waits_as_the_close_code_or_retry_after_says(self) -> None:
        place = StreamPlace({}, backoff=Backoff(base=1, cap=30))
        place.accept(hello())
        place.accept(liquidation(2))
        self.assertEqual(place.after(StreamClosed(4005, "too many"))[1], 30)
        self.assertLessEqual(place.after(StreamClosed(1012, "restart"))[1], 5)
        frame, wait = place.after(ProblemError(503, {"code": "stream_unavailable", "detail": "no relay"}, 12))
        self.assertEqual((wait, frame["wait_ms"], frame["last_event_id"]), (12, 12_000, "aaaaaa-2"))
        self.assertIn("no relay", frame["reason"])
        for error in (StreamClosed(4001, "key"), ProblemError(403, {"code": "forbidden"}), ProblemError(503, {"code": "misconfigured"})):
            with self.assertRaises(LiquidationsError):
                place.after(error)

    def test_waits_longer_while_only_the_opening_comes_and_never_gives_up_after_it(self) -> None:
        place = StreamPlace({}, backoff=Backoff(base=1, cap=30))
        longest = []
        for _ in range(60):
            place.accept(hello())
            longest.append(place.after(ConnectionFailed("cut"))[1])
        self.assertGreater(max(longest), 10)
        place.accept(BEAT)
        self.assertLessEqual(place.after(ConnectionFailed("cut"))[1], 1)

    def test_gives_up_where_there_never_was_a_stream(self) -> None:
        place = StreamPlace({})
        for _ in range(4):
            place.after(ConnectionFailed("refused"))
        with self.assertRaises(ConnectionFailed):
            place.after(ConnectionFailed("refused"))

    def test_remembers_so_many_ids_and_no_more(self) -> None:
        place = StreamPlace({})
        for n in range(1, MAX_RECENT_IDS + 3):
            self.assertTrue(place.accept(liquidation(n)))
        self.assertFalse(place.accept(liquidation(MAX_RECENT_IDS)))
        self.assertTrue(place.accept(liquidation(1)))


class Buffers(unittest.TestCase):
    def test_leaves_out_what_is_too_old_and_names_it_before_what_follows(self) -> None:
        buffer = LagBuffer(1.0, {"symbol": "BTC,ETH", "side": "long"})
        for second, frame in enumerate((liquidation(2), BEAT, liquidation(3), GAP, liquidation(4), liquidation(5))):
            buffer.put(frame, second)
        taken = [buffer.take(5.5) for _ in range(5)]
        self.assertEqual([shown(frame) for frame in taken if frame], ["skipped aaaaaa-3 client", "gap bbbbbb-3", "skipped aaaaaa-4 client", "liquidation aaaaaa-5"])
        self.assertEqual(taken[0] and (taken[0]["from_id"], taken[0]["count"]), ("aaaaaa-2", 2))
        self.assertEqual(taken[0] and taken[0]["request"], "/v1/liquidations?side=long&start=1002&end=1004&order=asc")
        self.assertIsNone(taken[4])

    def test_names_records_of_every_kind_by_their_times(self) -> None:
        buffer = LagBuffer(1.0, {})
        records = {"cascade": {"peak_time": 5}, "signal": {"created_time": 3}, "feed": {"since": 9}, "estimate": {"time": 6}, "silence": {"suspect_time": 8, "cleared_time": None}}
        for n, (kind, record) in enumerate(records.items()):
            buffer.put({"type": kind, "id": f"aaaaaa-{n}", "data": record}, 0)
        buffer.put(liquidation(None, time=4), 0)
        skipped = buffer.take(9) or {}
        self.assertEqual((skipped["count"], skipped["from_id"], skipped["id"]), (6, "aaaaaa-0", None))
        self.assertEqual(skipped["request"], "/v1/liquidations?start=3&end=10&order=asc")

    def test_a_kind_that_this_version_does_not_know_is_not_left_out(self) -> None:
        buffer = LagBuffer(1.0, {})
        buffer.put({"type": "later", "data": {}}, 0)
        self.assertEqual(buffer.take(9), {"type": "later", "data": {}})

    def test_a_beat_alone_is_left_out_without_a_word(self) -> None:
        buffer = LagBuffer(1.0, {})
        buffer.put(BEAT, 0)
        self.assertIsNone(buffer.take(9))

    def test_holds_no_more_than_so_many_however_long_the_lag(self) -> None:
        buffer = LagBuffer(1e9, {})
        for n in range(MAX_FRAMES + 100):
            buffer.put(liquidation(n + 1), 0)
        skipped = buffer.take(0)
        self.assertEqual(skipped and skipped["count"], 100)
        buffer = LagBuffer(0, {})
        buffer.put(GAP, 0)
        for n in range(MAX_FRAMES):
            self.assertFalse(buffer.is_full)
            buffer.put(liquidation(n + 1), 0)
        self.assertTrue(buffer.is_full)


class Events(unittest.TestCase):
    def test_are_the_same_wherever_the_bytes_are_cut(self) -> None:
        text = ': comment\r\nretry: 3000\n\nevent: beat\ndata: {"n": "é"}\r\n\r\ndata: [1,\ndata: 2]\n\ndata: "not whole'
        for size in (1, 2, 3, 7, 1_000):
            parser = EventParser()
            data = text.encode()
            found = [event for at in range(0, len(data), size) for event in parser.feed(data[at : at + size])]
            self.assertEqual(found, [{"n": "é"}, [1, 2]])

    def test_what_is_not_json_is_a_failed_connection(self) -> None:
        for data in (b"data: {]\n\n", b"data: \xff\n\n"):
            with self.assertRaisesRegex(ConnectionFailed, "not JSON"):
                EventParser().feed(data)
