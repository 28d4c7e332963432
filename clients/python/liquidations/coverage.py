"""What an answer does not know: what venues report, when they were not connected, what was not answered."""

from __future__ import annotations

import html
from typing import Any, Iterable, Mapping

from .api.types import Gap
from .moment import utc_text

#: What a kind of coverage carries, in words.
COVERAGE_TEXT = {
    "all_reported": "all liquidations",
    "largest_per_second": "at most the largest order per symbol and second, a lower bound",
    "largest_per_side_second": "the largest per symbol, side and second, a lower bound",
    "sampled": "a sample, a lower bound",
    "unknown": "an unstated share",
    "inferred": "estimated from trades, not reported by the venue",
    "none": "no liquidations (unknown, not zero)",
}


class Coverage:
    """The coverage of some data. In a notebook it shows itself as a table.

    :ivar venues: for each venue the kinds of its coverage
    :ivar gaps: the stretches in which a venue was not connected
    :ivar gaps_truncated: True where there are more gaps than are listed
    :ivar not_covered: the times of the request that were not answered, each with its reason
    """

    def __init__(self) -> None:
        self.venues: dict[str, list[str]] = {}
        self.gaps: list[Gap] = []
        self.gaps_truncated = False
        self.not_covered: list[dict[str, Any]] = []

    @classmethod
    def of(cls, described: Iterable[Mapping[str, Any]]) -> Coverage:
        """The coverage that metadata or manifests state together."""
        coverage = cls()
        for one in described:
            coverage.add(one)
        return coverage

    def add(self, described: Mapping[str, Any]) -> None:
        """Adds what the metadata of an answer, or a manifest, states."""
        for venue, kind in (described.get("coverage") or {}).items():
            self._add_kinds(venue, [kind])
        for venue, summary in (described.get("exchanges") or {}).items():
            if isinstance(summary, dict):
                self._add_kinds(venue, summary.get("coverage", []))
        self.gaps.extend(gap for gap in described.get("gaps", []) if gap not in self.gaps)
        self.gaps_truncated = self.gaps_truncated or bool(described.get("gaps_truncated"))
        missing = described.get("not_covered") or []
        stretches = missing if isinstance(missing, list) else [missing]
        self.not_covered.extend(stretch for stretch in stretches if stretch not in self.not_covered)

    def _add_kinds(self, venue: str, kinds: Iterable[str]) -> None:
        known = self.venues.setdefault(venue, [])
        known.extend(kind for kind in kinds if kind not in known)

    @property
    def is_whole(self) -> bool:
        """Whether every venue was connected all the time and everything was answered. A venue may report only a part even so."""
        return not self.gaps and not self.gaps_truncated and not self.not_covered

    def as_dict(self) -> dict[str, Any]:
        """As plain values, for what keeps attributes, such as `DataFrame.attrs`."""
        return {
            "venues": self.venues,
            "gaps": self.gaps,
            "gaps_truncated": self.gaps_truncated,
            "not_covered": self.not_covered,
        }

    def __str__(self) -> str:
        lines = [f"{venue}: {self._kinds_text(venue)}; {self._gaps_text(venue)}" for venue in self._names()]
        return "\n".join([*lines, *self._notes()])

    def __repr__(self) -> str:
        return f"<Coverage of {len(self.venues)} venues, {len(self.gaps)} gaps, {len(self.not_covered)} times not answered>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(venue)}</td><td>{html.escape(self._kinds_text(venue))}</td><td>{html.escape(self._gaps_text(venue))}</td></tr>"
            for venue in self._names()
        )
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self._notes())
        return f"<table><thead><tr><th>venue</th><th>reports</th><th>not connected (UTC)</th></tr></thead><tbody>{rows}</tbody></table>{notes}"

    def _names(self) -> list[str]:
        return [*self.venues, *sorted({str(gap["exchange"]) for gap in self.gaps} - set(self.venues))]

    def _kinds_text(self, venue: str) -> str:
        return ", ".join(COVERAGE_TEXT.get(kind, kind) for kind in self.venues.get(venue, [])) or "not stated"

    def _gaps_text(self, venue: str) -> str:
        gaps = [gap for gap in self.gaps if gap["exchange"] == venue]
        return "; ".join(f"{utc_text(gap['from_time'])} to {utc_text(gap['to_time'])}: {gap['reason']}" for gap in gaps) or "no gap known"

    def _notes(self) -> list[str]:
        truncated = ["There are more gaps than are listed."] if self.gaps_truncated else []
        return truncated + [
            f"Not answered: {utc_text(stretch.get('start'))} to {utc_text(stretch.get('end'))}: {stretch.get('detail') or stretch.get('code', '')}"
            for stretch in self.not_covered
        ]
