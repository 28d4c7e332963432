"""Rows as tables of pandas, polars and Arrow. Times become timestamps in UTC, unknown values are null."""

from __future__ import annotations

import html
import importlib
from typing import Any, Iterable, Mapping, Sequence

from .errors import MissingPackage

Rows = Sequence[Mapping[str, Any]]
#: For each column `time`, `integer`, `number`, `boolean`, `text` or `object`.
Kinds = Mapping[str, str]

#: Rows of a table that a notebook shows.
SHOWN_ROWS = 20


def optional_package(name: str, otherwise: str) -> Any:
    """An optional package.

    :param otherwise: what works without it
    :raises MissingPackage: where it is not installed
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise MissingPackage(f"{package} is not installed: pip install {package}. {otherwise}") from error


def columns_of(rows: Rows, kinds: Kinds) -> dict[str, tuple[str, list[Any]]]:
    """The kind and the values of each column: those of the API's document, and others that the rows have."""
    names = list(dict.fromkeys([*kinds, *(name for row in rows for name in row)]))
    return {name: (kinds.get(name, "object"), values_of(rows, name, kinds.get(name, "object"))) for name in names}


def values_of(rows: Rows, name: str, kind: str) -> list[Any]:
    values = [row.get(name) for row in rows]
    # JSON has one kind of number, and 1.0 may come as 1.
    return [None if value is None else float(value) for value in values] if kind == "number" else values


def pandas_table(rows: Rows, kinds: Kinds) -> Any:
    """A `pandas.DataFrame`."""
    pandas = optional_package("pandas", "Iterating gives plain dictionaries.")
    dtypes = {"time": "Int64", "integer": "Int64", "number": "float64", "boolean": "boolean", "text": "object", "object": "object"}
    columns = {}
    for name, (kind, values) in columns_of(rows, kinds).items():
        series = pandas.Series(values, dtype=dtypes[kind], name=name)
        columns[name] = pandas.to_datetime(series, unit="ms", utc=True) if kind == "time" else series
    return pandas.DataFrame(columns)


def polars_table(rows: Rows, kinds: Kinds) -> Any:
    """A `polars.DataFrame`."""
    polars = optional_package("polars", "Iterating gives plain dictionaries.")
    dtypes = {"integer": polars.Int64, "number": polars.Float64, "boolean": polars.Boolean, "text": polars.String}
    columns = []
    for name, (kind, values) in columns_of(rows, kinds).items():
        if kind == "time":
            time = polars.Series(name, values, dtype=polars.Int64).cast(polars.Datetime("ms"))
            columns.append(time.dt.replace_time_zone("UTC"))
        else:
            columns.append(polars.Series(name, values, dtype=dtypes.get(kind), strict=False))
    return polars.DataFrame(columns)


def arrow_table(rows: Rows, kinds: Kinds) -> Any:
    """A `pyarrow.Table`."""
    arrow = optional_package("pyarrow", "Iterating gives plain dictionaries.")
    types = {"integer": arrow.int64(), "number": arrow.float64(), "boolean": arrow.bool_(), "text": arrow.string()}
    columns = {}
    for name, (kind, values) in columns_of(rows, kinds).items():
        if kind == "time":
            columns[name] = arrow.array(values, arrow.int64()).cast(arrow.timestamp("ms", tz="UTC"))
        else:
            columns[name] = arrow.array(values, types.get(kind))
    return arrow.table(columns)


def html_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """The first rows for a notebook."""
    shown = list(rows)[:SHOWN_ROWS]
    names = list(dict.fromkeys(name for row in shown for name in row))
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell_text(row.get(name)))}</td>' for name in names)}</tr>" for row in shown)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def cell_text(value: Any) -> str:
    """A value for people: unknown is a dash, and never 0."""
    return "—" if value is None else str(value)
