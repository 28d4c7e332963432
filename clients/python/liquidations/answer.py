"""An answer of the API: its data, and what it says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .api.types import Meta
from .coverage import Coverage
from .tables import Kinds, arrow_table, html_table, pandas_table, polars_table

Data = TypeVar("Data")


@dataclass(frozen=True)
class Answer(Generic[Data]):
    """Data and metadata. In a notebook it shows both."""

    data: Data
    meta: Meta
    #: The kinds of the columns, where the data are rows.
    kinds: Kinds = field(default_factory=dict, repr=False)

    @property
    def coverage(self) -> Coverage:
        return Coverage.of([self.meta])

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The data as rows: a single record is one row."""
        return self.data if isinstance(self.data, list) else [self.data]  # type: ignore[list-item]

    def to_pandas(self) -> Any:
        """The rows as a `pandas.DataFrame`, with the coverage in its `attrs`."""
        table = pandas_table(self.rows, self.kinds)
        table.attrs["coverage"] = self.coverage.as_dict()
        return table

    def to_polars(self) -> Any:
        """The rows as a `polars.DataFrame`."""
        return polars_table(self.rows, self.kinds)

    def to_arrow(self) -> Any:
        """The rows as a `pyarrow.Table`."""
        return arrow_table(self.rows, self.kinds)

    def _repr_html_(self) -> str:
        return html_table(self.rows) + self.coverage._repr_html_()
