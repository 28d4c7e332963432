"""The client over asyncio."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Any, AsyncIterator, Iterable, Literal, Mapping

from .answer import Answer
from .api.async_operations import AsyncOperations
from .api.types import ExportWithManifest, NewExport
from .async_connections import AsyncConnections
from .core import DAY_ATTEMPTS, EXPORT_POLLS, STREAM_SILENCE, Channel, Core, Names, Progress, is_done, stream_query
from .errors import IntegrityError, LiquidationsError
from .files import Day, Export, download_name
from .ledger import Anchor, LedgerCheck, LedgerVerdict
from .messages import Request, content_of, json_of, json_request, problem_of, query_text
from .moment import Moment
from .pages import AsyncPages
from .partial_file import PartialFile, is_downloaded
from .async_stream import AsyncStream
from .tables import Kinds


class AsyncClient(Core, AsyncOperations):
    """A client of one server. It has a method per operation of the API, and those below. It belongs to one event loop.

    :param url: address of the server, such as `https://liquidations.example.com`
    :param key: API key, where one is needed; it is sent by https, or to this machine
    :param timeout: seconds of silence after which a request fails
    :param retries: how often a request is sent again after a failure that may pass
    :param max_wait: a `Retry-After` of more seconds than this is not waited for
    """

    def __init__(self, url: str, key: str | None = None, *, timeout: float = 30.0, retries: int = 4, max_wait: float = 60.0) -> None:
        super().__init__(url, key, retries, max_wait)
        self._connections = AsyncConnections(self._address, timeout)
        self._streams = AsyncConnections(self._address, max(timeout, STREAM_SILENCE))

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes idle connections. Streams have their own `aclose`."""
        self._connections.close()

    async def request(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """The JSON of any operation, such as that of the `request` in a frame `gap`.

        :raises ProblemError: where the API refuses
        """
        return json_of(await self._send(json_request(method, path, query or {}, body)))

    async def read(self, path: str, query: Mapping[str, Any] | None = None) -> bytes:
        """The bytes of an operation that answers with something else than JSON, such as `/metrics`."""
        return await self._send(Request("GET", path + query_text(query or {})))

    async def download(self, path: str, to: str | Path, described: Mapping[str, Any]) -> Path:
        """Downloads a file, continues where it is cut as long as something comes, and verifies it.

        :param described: the file's `bytes` and `sha256`, as of a manifest
        :raises IntegrityError: where the file is another one; nothing is left of it
        """
        target = Path(to)
        if is_downloaded(target, described):
            return target
        with PartialFile(target, described) as file:
            while not file.is_complete:
                try:
                    await self._receive(path, file)
                    break
                except LiquidationsError as error:
                    await self._sleep(error, file.count_failure())
            return file.finish()

    def stream(
        self,
        channels: Iterable[Channel] | str | None = None,
        *,
        symbol: Names | None = None,
        exchange: Names | None = None,
        side: Literal["long", "short"] | None = None,
        min_usd: float | None = None,
        include: Literal["inferred"] | None = None,
        last_event_id: str | None = None,
        from_: Moment | None = None,
        speed: float | None = None,
        slow: Literal["skip", "close"] | None = None,
        max_lag_ms: float | None = None,
    ) -> AsyncStream:
        """The live stream. It connects again by itself; frames `gap` and `skipped` say what is missing.

        :param channels: frame types; default: all but `totals`
        :param symbol: base assets
        :param exchange: venues
        :param include: `inferred` adds liquidations that no venue reported
        :param last_event_id: continues after this frame, up to 24 h back
        :param from_: replays what happened since a time of the last 31 days, and then continues live
        :param speed: of the replay, 1 to 1,000
        :param slow: whether the server skips frames or closes the stream, where nothing is read
        :param max_lag_ms: frames that waited in this process for longer are omitted, and a frame `skipped` names them;
            without it none is, and the server does so where you read too slowly
        """
        query = stream_query(
            channels=channels,
            symbol=symbol,
            exchange=exchange,
            side=side,
            min_usd=min_usd,
            include=include,
            from_=from_,
            speed=speed,
            slow=slow,
        )
        max_lag = None if max_lag_ms is None else max_lag_ms / 1000
        return AsyncStream(self._streams, self._authorized, query, last_event_id, max_lag)

    async def day(self, date: str, folder: str | Path = ".", *, kind: Literal["liquidations", "minute_marks"] = "liquidations") -> Day:
        """The daily file of a UTC day, downloaded into a folder unless it is there, and verified.

        :param date: as `2026-11-20`
        :raises IntegrityError: where the file is not that of its manifest, however often both are asked for
        """
        attempts = 1
        while True:
            manifest = (await self.get_dataset(date, kind=kind)).data
            path = manifest["path"]
            try:
                return Day(await self.download(path, Path(folder) / path.rsplit("/", 1)[-1], manifest), manifest)
            except IntegrityError:
                if attempts == DAY_ATTEMPTS:
                    raise
                attempts += 1

    async def days(
        self, start: str, end: str, folder: str | Path = ".", *, kind: Literal["liquidations", "minute_marks"] = "liquidations"
    ) -> AsyncIterator[Day]:
        """The daily files of the dates from `start` to before `end`, oldest first. A date without a file is omitted."""
        for date in sorted([dataset["date"] async for dataset in self.list_datasets(kind=kind) if start <= dataset["date"] < end]):
            yield await self.day(date, folder, kind=kind)

    async def export(self, body: NewExport, folder: str | Path = ".", *, progress: Progress | None = None) -> Export:
        """Creates an export, waits for it, downloads its files into a folder and verifies them.

        :param progress: called with the export's record, whose `progress` goes from 0 to 1
        :raises ExportFailed: where it failed
        """
        return await self.finish_export((await self.create_export(body)).data["export_id"], folder, progress=progress)

    async def finish_export(self, export_id: str, folder: str | Path = ".", *, progress: Progress | None = None) -> Export:
        """The same for an export that was created already."""
        record = await self._done_export(export_id, progress)
        downloads = record["downloads"]
        return Export([await self.download(one["path"], Path(folder) / download_name(one), one) for one in downloads], record)

    async def verify_ledger(self, anchors: Iterable[Anchor] = ()) -> LedgerVerdict:
        """Recomputes the ledger of signals on this machine, and looks for anchors that you kept."""
        check = LedgerCheck(anchors)
        async for decision in self.list_signals(order="asc", include="statistics", limit=100):
            check.add_decision(decision)
        async for grade in self.list_grades(order="asc", limit=1_000):
            check.add_grade(grade)
        return check.verdict

    async def _done_export(self, export_id: str, progress: Progress | None) -> ExportWithManifest:
        looks = 0
        while True:
            record = (await self.get_export(export_id)).data
            if progress is not None:
                progress(record)
            if is_done(record):
                return record
            looks += 1
            await asyncio.sleep(EXPORT_POLLS.wait(looks))

    async def _answer(
        self, method: str, path: str, query: dict[str, Any], body: Any = None, *, idempotent: bool = False, kinds: Kinds | None = None
    ) -> Answer[Any]:
        content = json_of(await self._send(json_request(method, path, query, body, idempotent=idempotent))) or {}
        return Answer(content.get("data"), content.get("meta"), kinds or {})  # type: ignore[arg-type]

    def _pages(self, path: str, query: dict[str, Any], kinds: Kinds) -> AsyncPages[Any]:
        return AsyncPages(lambda cursor: self._answer("GET", path, {**query, "cursor": cursor}, kinds=kinds), kinds)

    async def _send(self, request: Request) -> bytes:
        """Sends a request, again where that may help, and returns the body of a response that is no problem."""
        failures = 0
        while True:
            try:
                return content_of(await self._connections.send(self._authorized(request)))
            except LiquidationsError as error:
                failures += 1
                await self._sleep(error, failures, request)

    async def _receive(self, path: str, file: PartialFile) -> None:
        response = await self._connections.open(self._authorized(file.request(path)))
        try:
            if response.status not in (200, 206):
                raise problem_of(response.status, response.headers, await response.rest())
            file.begin(response.status)
            while part := await response.read():
                file.write(part)
        finally:
            response.close()

    async def _sleep(self, error: LiquidationsError, failures: int, request: Request | None = None) -> None:
        """Waits before the next attempt.

        :raises LiquidationsError: the same error, where there is none
        """
        wait = self._retry.wait(failures, error, is_repeatable=request is None or request.is_repeatable)
        if wait is None:
            raise error
        await asyncio.sleep(wait)
