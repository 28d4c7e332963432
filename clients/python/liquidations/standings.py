"""Recomputes what decisions say of their analyst's record: its wealth by the muting rule, and whether it is on paper only.

It follows `src/scoreboard/muting.ts`, which says why each number is what it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Mapping, NamedTuple, Union

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
EPISODE_MS = 4 * HOUR_MS
#: The horizon whose outcomes count, and how long after its end the marks may still come.
HORIZON, HORIZON_MS, MARKS_STORED_MS = "1h", HOUR_MS, 3 * MINUTE_MS

UNMUTED_AT, MUTED_UNDER, MAX_WEALTH = 20.0, 2.0, 200.0
UNIT_BPS = 300.0
MAX_BET, MIN_FACTOR, WORSE_THAN_BEFORE, IMAGINED_SQUARE = 0.5, 0.02, 2.0, 4.0
#: The last digit of a power may differ from one machine to another.
ROUNDING = 1e-9

RecordKey = tuple[Union[str, None], ...]


@dataclass(frozen=True)
class Claim:
    """What a decision says of its analyst's record."""

    paper: bool
    wealth: float


@dataclass(frozen=True)
class StandingMismatch:
    """A decision whose `paper` or `wealth` does not follow from the decisions and grades before it."""

    sequence: int
    signal_id: str
    expected: Claim
    found: Claim

    def __str__(self) -> str:
        expected, found = (f"paper {str(one.paper).lower()} at a wealth of {one.wealth}" for one in (self.expected, self.found))
        place = f"Decision {self.sequence} ({self.signal_id})"
        return f"{place} does not follow from the grades before it: it has {found}, but should have {expected}."


class Trade(NamedTuple):
    """A decision to buy or sell that counts in a record."""

    signal_id: str
    created_time: int
    minute: int
    #: The field of its grade that is its outcome.
    outcome: str

    @property
    def known_time(self) -> int:
        """When its outcome is known, ms."""
        entry = -(-max(self.created_time, self.minute) // MINUTE_MS) * MINUTE_MS
        return entry + HORIZON_MS + MARKS_STORED_MS


@dataclass(frozen=True)
class Muting:
    """How far a record has come. Sums are of net returns in units of 300 bps."""

    wealth: float = 1.0
    is_muted: bool = True
    episodes: int = 0
    sum: float = 0.0
    sum_of_squares: float = 0.0
    largest_loss: float = 0.0
    last_episode: int | None = None
    known_time: int | None = None

    @property
    def bet(self) -> float:
        """Share of the wealth that is bet on the next episode."""
        count = self.episodes + 1
        mean = self.sum / count
        variance = (self.sum_of_squares + IMAGINED_SQUARE) / count - mean * mean
        survives = (1 - MIN_FACTOR) / (WORSE_THAN_BEFORE * self.largest_loss) if self.largest_loss > 0 else math.inf
        return max(0.0, min(MAX_BET, survives, mean / variance))

    def counts(self, trade: Trade) -> bool:
        """Whether a trade is the first of an episode of which no outcome overlaps one that was counted."""
        if self.last_episode is not None and trade.created_time // EPISODE_MS <= self.last_episode:
            return False
        return self.known_time is None or trade.created_time >= self.known_time

    def after(self, trade: Trade, net_return_bps: float) -> Muting:
        """The state after one more episode."""
        x = min(1.0, net_return_bps / UNIT_BPS)
        wealth = min(MAX_WEALTH, self.wealth * max(MIN_FACTOR, 1 + self.bet * x))
        return Muting(
            wealth=wealth,
            is_muted=wealth < (UNMUTED_AT if self.is_muted else MUTED_UNDER),
            episodes=self.episodes + 1,
            sum=self.sum + x,
            sum_of_squares=self.sum_of_squares + x * x,
            largest_loss=max(self.largest_loss, -x),
            last_episode=trade.created_time // EPISODE_MS,
            known_time=trade.known_time,
        )


@dataclass
class Track:
    """The trades of one record, and how many of them its state holds for good, by the grades up to a number."""

    trades: list[Trade] = field(default_factory=list)
    state: Muting = Muting()
    settled: int = 0
    grades_known: int = 0

    def settle(self, grades: Mapping[str, Mapping[str, Any]], grades_known: int) -> Muting:
        if grades_known < self.grades_known:
            # Of two decisions made at once, the later one in the ledger may have known fewer grades.
            self.state, self.settled = Muting(), 0
        self.grades_known = grades_known
        for trade in self.trades[self.settled :]:
            if self.state.counts(trade):
                grade = grades.get(trade.signal_id)
                if grade is None or grade["sequence"] > grades_known:
                    break  # It would count: those after it are counted once it is graded.
                net_return = grade[trade.outcome]
                if net_return is not None:
                    self.state = self.state.after(trade, net_return)
            self.settled += 1
        return self.state


class Standings:
    """Takes the decisions and grades of a ledger that matches."""

    def __init__(self) -> None:
        self._decisions: list[dict[str, Any]] = []
        self._grades: dict[str, dict[str, Any]] = {}

    def add_decision(self, decision: Mapping[str, Any]) -> None:
        self._decisions.append({name: value for name, value in decision.items() if name != "statistics"})

    def add_grade(self, grade: Mapping[str, Any]) -> None:
        if grade["horizon"] == HORIZON:
            self._grades[grade["signal_id"]] = {name: grade[name] for name in ("sequence", "net_return_bps", "rule_net_return_bps")}

    def mismatches(self) -> list[StandingMismatch]:
        """Decisions that claim another standing than follows. Those of before these fields are not compared."""
        tracks: dict[RecordKey, Track] = {}
        wrong = []
        for decision in self._decisions:
            found = claim_of(decision)
            if found is not None:
                state = tracks.setdefault(record_key(decision), Track()).settle(self._grades, decision["grades_known"])
                if found.paper != state.is_muted or not math.isclose(found.wealth, state.wealth, rel_tol=ROUNDING):
                    wrong.append(StandingMismatch(decision["sequence"], decision["signal_id"], Claim(state.is_muted, state.wealth), found))
            for key, trade in trades_of(decision):
                tracks.setdefault(key, Track()).trades.append(trade)
        return wrong


def claim_of(decision: Mapping[str, Any]) -> Claim | None:
    if decision.get("wealth") is None or decision.get("grades_known") is None:
        return None
    return Claim(decision["paper"], decision["wealth"])


def record_key(decision: Mapping[str, Any]) -> RecordKey:
    """Whose record a decision belongs to: another model or wording of the prompt starts a new one."""
    return decision["analyst"], decision["model"], decision["prompt_version"]


def trades_of(decision: Mapping[str, Any]) -> list[tuple[RecordKey, Trade]]:
    """The records that a decision counts in: its analyst's, and that of the rule model beside a language model in time."""
    at = decision["signal_id"], decision["created_time"], decision["minute"]
    trades: list[tuple[RecordKey, Trade]] = []
    if decision["action"] != "NOTHING":
        trades.append((record_key(decision), Trade(*at, "net_return_bps")))
    is_beside = decision["analyst"] != "rules" and decision["reason_code"] not in ("late", "interrupted")
    if is_beside and decision.get("rule_version") is not None and decision.get("rule_action") != "NOTHING":
        trades.append((("rules", decision["rule_version"], None), Trade(*at, "rule_net_return_bps")))
    return trades
