"""Files that were downloaded and verified: daily files and exports."""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Iterator, Mapping, Sequence

from .api import columns
from .api.types import DatasetManifest, ExportWithManifest, MarkDatasetManifest
from .coverage import Coverage
from .errors import IntegrityError, MissingPackage
from .pages import with_coverage
from .tables import Kinds, arrow_table, optional_package, pandas_table, polars_table

WITHOUT_PARQUET = 'An export with format="ndjson" has the same rows and needs no package.'


class DataFiles:
    """Rows in files whose SHA-256 was verified. In a notebook it shows the coverage.

    :ivar paths: the files, in the order of their times
    """

    def __init__(self, paths: Sequence[Path], rows: int, coverage: Coverage) -> None:
        self.paths = list(paths)
        self._rows = rows
        self.coverage = coverage

    def __len__(self) -> int:
        """The number of rows that the manifest names."""
        return self._rows

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row as a dictionary. Times are milliseconds since 1970 UTC, as everywhere in the API.

        :raises MissingPackage: where the files are Parquet and pyarrow is not installed
        :raises IntegrityError: at the end, where there are more or fewer rows than the manifest names
        """
        count = 0
        for path in self.paths:
            for row in rows_of(path):
                count += 1
                yield row
        if count != self._rows:
            raise IntegrityError(f"the files have {count} rows, but the manifest names {self._rows}")

    def to_arrow(self) -> Any:
        """All rows as a `pyarrow.Table`."""
        if not self._is_parquet:
            return arrow_table(list(self.rows()), self._kinds)
        arrow = optional_package("pyarrow", WITHOUT_PARQUET)
        parquet = optional_package("pyarrow.parquet", WITHOUT_PARQUET)
        return arrow.concat_tables([parquet.read_table(path) for path in self.paths])

    def to_pandas(self) -> Any:
        """All rows as a `pandas.DataFrame`, with the coverage in its `attrs`."""
        table = self.to_arrow().to_pandas() if self._is_parquet else pandas_table(list(self.rows()), self._kinds)
        return with_coverage(table, self.coverage)

    def to_polars(self) -> Any:
        """All rows as a `polars.DataFrame`."""
        if not self._is_parquet:
            return polars_table(list(self.rows()), self._kinds)
        polars = optional_package("polars", WITHOUT_PARQUET)
        return polars.concat([polars.read_parquet(path) for path in self.paths])

    @property
    def _is_parquet(self) -> bool:
        return any(path.suffix == ".parquet" for path in self.paths)

    @property
    def _kinds(self) -> Kinds:
        return {}

    def _repr_html_(self) -> str:
        return self.coverage._repr_html_()


class Day(DataFiles):
    """The daily file of a UTC day.

    :ivar manifest: as `GET /v1/datasets/{date}` answers it
    """

    def __init__(self, path: Path, manifest: DatasetManifest | MarkDatasetManifest) -> None:
        super().__init__([path], manifest["rows"], Coverage.of([manifest]))
        self.manifest = manifest
        self.path = path

    def __repr__(self) -> str:
        return f"<Day {self.manifest['date']}: {len(self)} rows in {self.path}>"


class Export(DataFiles):
    """The files of an export.

    :ivar record: as `GET /v1/exports/{id}` answers it
    """

    def __init__(self, paths: Sequence[Path], record: ExportWithManifest) -> None:
        manifest = record["manifest"]
        super().__init__(paths, record["rows"], Coverage.of([] if manifest is None else [manifest]))
        self.record = record

    @property
    def _kinds(self) -> Kinds:
        request = self.record["request"]
        known: Kinds = columns.EXPORTED.get(request.get("kind", "liquidations"), {})
        chosen = request.get("columns")
        return known if not chosen else {name: kind for name, kind in known.items() if name in chosen}

    def __repr__(self) -> str:
        return f"<Export {self.record['export_id']}: {len(self)} rows in {len(self.paths)} files>"


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of one file."""
    names = path.name.split(".")[1:]
    if "parquet" in names:
        yield from parquet_rows(path)
    elif "csv" in names:
        raise MissingPackage(f"{path.name} is CSV, which cannot tell a text from a number; {WITHOUT_PARQUET}")
    else:
        with ExitStack() as stack:
            file = stack.enter_context(gzip.open(path, "rt", encoding="utf-8") if "gz" in names else path.open(encoding="utf-8"))
            yield from json_rows(file, is_array="json" in names)


def json_rows(file: IO[Any], *, is_array: bool) -> Iterator[dict[str, Any]]:
    if is_array:
        yield from json.load(file)
        return
    for line in file:
        yield json.loads(line)


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, one row group in memory at a time."""
    arrow = optional_package("pyarrow", WITHOUT_PARQUET)
    parquet = optional_package("pyarrow.parquet", WITHOUT_PARQUET)
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield from with_milliseconds(arrow, arrow.Table.from_batches([batch])).to_pylist()


def with_milliseconds(arrow: Any, table: Any) -> Any:
    """The table with its timestamps as numbers."""
    for index, column in enumerate(table.schema):
        if arrow.types.is_timestamp(column.type):
            numbers = table.column(index).cast(arrow.timestamp("ms", tz=column.type.tz)).cast(arrow.int64())
            table = table.set_column(index, column.name, numbers)
    return table


def download_name(described: Mapping[str, Any]) -> str:
    """The name of a file, which never leads out of its folder."""
    return Path(str(described["name"])).name
