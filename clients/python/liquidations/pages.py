"""Lists, which come page by page."""

from __future__ import annotations

from typing import Any, AsyncIterator, Awaitable, Callable, Generic, Iterator, TypeVar

from .answer import Answer
from .coverage import Coverage
from .tables import Kinds, arrow_table, pandas_table, polars_table

Row = TypeVar("Row")


class Pages(Generic[Row]):
    """The rows of a list. Iterating asks for one page after the other; each iteration begins again.

    :ivar coverage: what the pages read so far say that they do not know
    """

    def __init__(self, fetch: Callable[[str | None], Answer[list[Row]]], kinds: Kinds) -> None:
        self._fetch = fetch
        self._kinds = kinds
        self.coverage = Coverage()

    def __iter__(self) -> Iterator[Row]:
        for page in self.pages():
            yield from page.data

    def pages(self) -> Iterator[Answer[list[Row]]]:
        """The pages, each with its metadata."""
        self.coverage = Coverage()
        cursor = None
        while True:
            page = self._fetch(cursor)
            self.coverage.add(page.meta)
            yield page
            cursor = page.meta["next_cursor"]
            if cursor is None:
                return

    def first(self) -> Answer[list[Row]]:
        """The first page alone."""
        return next(self.pages())

    def to_pandas(self) -> Any:
        """All rows as a `pandas.DataFrame`, with the coverage in its `attrs`."""
        return with_coverage(pandas_table(list(self), self._kinds), self.coverage)  # type: ignore[arg-type]

    def to_polars(self) -> Any:
        """All rows as a `polars.DataFrame`."""
        return polars_table(list(self), self._kinds)  # type: ignore[arg-type]

    def to_arrow(self) -> Any:
        """All rows as a `pyarrow.Table`."""
        return arrow_table(list(self), self._kinds)  # type: ignore[arg-type]

    def _repr_html_(self) -> str:
        return self.coverage._repr_html_()


class AsyncPages(Generic[Row]):
    """The rows of a list, for `async for`. Iterating asks for one page after the other; each iteration begins again.

    :ivar coverage: what the pages read so far say that they do not know
    """

    def __init__(self, fetch: Callable[[str | None], Awaitable[Answer[list[Row]]]], kinds: Kinds) -> None:
        self._fetch = fetch
        self._kinds = kinds
        self.coverage = Coverage()

    async def __aiter__(self) -> AsyncIterator[Row]:
        async for page in self.pages():
            for row in page.data:
                yield row

    async def pages(self) -> AsyncIterator[Answer[list[Row]]]:
        """The pages, each with its metadata."""
        self.coverage = Coverage()
        cursor = None
        while True:
            page = await self._fetch(cursor)
            self.coverage.add(page.meta)
            yield page
            cursor = page.meta["next_cursor"]
            if cursor is None:
                return

    async def first(self) -> Answer[list[Row]]:
        """The first page alone."""
        return await anext(self.pages())

    async def to_pandas(self) -> Any:
        """All rows as a `pandas.DataFrame`, with the coverage in its `attrs`."""
        return with_coverage(pandas_table([row async for row in self], self._kinds), self.coverage)  # type: ignore[misc]

    async def to_polars(self) -> Any:
        """All rows as a `polars.DataFrame`."""
        return polars_table([row async for row in self], self._kinds)  # type: ignore[misc]

    async def to_arrow(self) -> Any:
        """All rows as a `pyarrow.Table`."""
        return arrow_table([row async for row in self], self._kinds)  # type: ignore[misc]

    def _repr_html_(self) -> str:
        return self.coverage._repr_html_()


def with_coverage(table: Any, coverage: Coverage) -> Any:
    table.attrs["coverage"] = coverage.as_dict()
    return table
