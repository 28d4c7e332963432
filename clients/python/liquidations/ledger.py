"""Verifies the ledger of signals on this machine: both chains, anchors that you kept, and the standings in the decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping, Union

from .canonical_json import canonical_hash
from .standings import StandingMismatch, Standings

GENESIS_HASH = "0" * 64

Anchor = Union[str, Mapping[str, Any]]
"""`SEQUENCE:HASH` of a decision, a delivery of `ledger.anchored`, or a day's manifest."""


@dataclass(frozen=True)
class Head:
    """The last record of a part of a chain."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class Mismatch:
    """A field of a record that does not match."""

    sequence: int
    signal_id: str
    field: str
    expected: str
    found: str


@dataclass(frozen=True)
class MissingAnchor:
    """An anchor that a chain does not contain.

    :ivar found: the hash in its place; None where the chain ends before
    """

    anchor: Head
    found: str | None


class Chain:
    """Recomputes a chain, record by record.

    :param name: of one record
    """

    def __init__(self, name: str, anchors: Iterable[Head]) -> None:
        self.name = name
        self.head = Head(0, GENESIS_HASH)
        self.mismatch: Mismatch | None = None
        self._anchors = list(anchors)
        self._hashes = {0: GENESIS_HASH}

    def add(self, record: Mapping[str, Any]) -> bool:
        """:returns: whether the record belongs after those before it"""
        if self.mismatch is not None:
            return False
        self.mismatch = self._mismatch_of(record)
        if self.mismatch is not None:
            return False
        self.head = Head(record["sequence"], record["hash"])
        if any(anchor.sequence == self.head.sequence for anchor in self._anchors):
            self._hashes[self.head.sequence] = self.head.hash
        return True

    @property
    def missing_anchors(self) -> list[MissingAnchor]:
        if self.mismatch is not None:
            return []
        found = [(anchor, self._hashes.get(anchor.sequence)) for anchor in self._anchors]
        return [MissingAnchor(anchor, hashed) for anchor, hashed in found if hashed != anchor.hash]

    def _mismatch_of(self, record: Mapping[str, Any]) -> Mismatch | None:
        content = {name: value for name, value in record.items() if name != "hash"}
        checks = [
            ("sequence", str(self.head.sequence + 1), str(record["sequence"])),
            ("previous_hash", self.head.hash, record["previous_hash"]),
            # An edit of the input shows in its own hash and in the record's: its own names the place.
            *self._input_check(record),
            ("hash", canonical_hash(content), record["hash"]),
        ]
        for name, expected, found in checks:
            if expected != found:
                return Mismatch(record["sequence"], record["signal_id"], name, expected, found)
        return None

    @staticmethod
    def _input_check(record: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        if "input_hash" not in record:
            return []
        return [("input_hash", canonical_hash(record.get("statistics")), record["input_hash"])]

    def __str__(self) -> str:
        if self.mismatch is not None:
            found = self.mismatch
            return f"{self.name.capitalize()} {found.sequence} ({found.signal_id}) does not match: {found.field} is {found.found}, but should be {found.expected}."
        lines = [f"{self.head.sequence} {self.name}s match. The last one has the hash {self.head.hash}."]
        if self._anchors:
            lines.append(f"{len(self._anchors) - len(self.missing_anchors)} of {len(self._anchors)} anchors are in the chain of {self.name}s.")
        for missing in self.missing_anchors:
            named = f"an anchor names {self.name} {missing.anchor.sequence} with the hash {missing.anchor.hash}"
            if missing.found is None:
                lines.append(f"The chain was cut: it ends at {self.name} {self.head.sequence}, but {named}.")
            else:
                lines.append(f"The chain was recomputed: {self.name} {missing.anchor.sequence} has the hash {missing.found}, but {named}.")
        return "\n".join(lines)


@dataclass
class LedgerVerdict:
    """What was found. `str()` of it says so in sentences.

    :ivar misplaced_grades: numbers of grades whose decision the ledger does not have
    :ivar standings: decisions whose `paper` or `wealth` does not follow from what was before them; empty where a chain does not match
    """

    decisions: Chain
    grades: Chain
    misplaced_grades: list[int] = field(default_factory=list)
    standings: list[StandingMismatch] = field(default_factory=list)

    @property
    def matches(self) -> bool:
        """Whether both chains match and contain every anchor, every grade is of a decision of the ledger, and every standing follows."""
        chains = (self.decisions, self.grades)
        return not self.misplaced_grades and not self.standings and all(chain.mismatch is None and not chain.missing_anchors for chain in chains)

    def __str__(self) -> str:
        wrong = [f"Grade {number} is of a decision that the ledger does not have." for number in self.misplaced_grades]
        return "\n".join([str(self.decisions), str(self.grades), *wrong, *map(str, self.standings)])


class LedgerCheck:
    """Takes the decisions in their order, then the grades in theirs.

    :raises ValueError: where an anchor is none
    """

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        heads = [heads_of(anchor) for anchor in anchors]
        self._decisions = Chain("decision", [decision for decision, _ in heads])
        self._grades = Chain("grade", [grade for _, grade in heads if grade is not None])
        self._misplaced_grades: list[int] = []
        self._standings = Standings()
        self._decision_hashes: dict[str, str] = {}

    @property
    def verdict(self) -> LedgerVerdict:
        """What was found in all that was added."""
        is_whole = self._decisions.mismatch is None and self._grades.mismatch is None
        standings = self._standings.mismatches() if is_whole else []
        return LedgerVerdict(self._decisions, self._grades, list(self._misplaced_grades), standings)

    def add_decision(self, decision: Mapping[str, Any]) -> None:
        if self._decisions.add(decision):
            self._decision_hashes[decision["signal_id"]] = decision["hash"]
            self._standings.add_decision(decision)

    def add_grade(self, grade: Mapping[str, Any]) -> None:
        if not self._grades.add(grade):
            return
        self._standings.add_grade(grade)
        is_linked = self._decision_hashes.get(grade["signal_id"]) == grade["signal_hash"]
        # After a mismatch in the decisions, those behind it are not known.
        if not is_linked and self._decisions.mismatch is None:
            self._misplaced_grades.append(grade["sequence"])


def heads_of(anchor: Anchor) -> tuple[Head, Head | None]:
    """The heads of decisions and grades that an anchor names.

    :raises ValueError: where it names none
    """
    if isinstance(anchor, str):
        match = re.fullmatch(r"(\d{1,15}):([0-9a-f]{64})", anchor)
        if match is None:
            raise ValueError(f"the anchor is {anchor!r}; allowed: a sequence number, a colon and 64 hexadecimal digits")
        return Head(int(match[1]), match[2]), None
    content = anchor.get("data", anchor)
    content = content.get("ledger", content) or {}
    sequence, hashed = content.get("sequence"), content.get("hash")
    if not isinstance(sequence, int) or not isinstance(hashed, str):
        raise ValueError("the anchor is none; allowed: SEQUENCE:HASH, a delivery of ledger.anchored or a day's manifest")
    grades_sequence, grades_hash = content.get("grades_sequence"), content.get("grades_hash")
    grades = None if grades_sequence is None or grades_hash is None else Head(grades_sequence, grades_hash)
    return Head(sequence, hashed), grades
