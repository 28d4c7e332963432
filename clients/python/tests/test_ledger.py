import math
import unittest
from typing import Any

from liquidations.canonical_json import canonical_hash, canonical_json
from liquidations.ledger import GENESIS_HASH, Head, LedgerCheck, heads_of

#: What a standing follows from, of a decision that trades nothing.
SILENT = {
    "action": "NOTHING", "analyst": "rules", "model": "rules-v1", "prompt_version": None, "reason_code": None,
    "rule_action": None, "rule_version": None, "created_time": 0, "minute": 0, "paper": True,
}  # fmt: skip


def chained(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records in a chain."""
    previous = GENESIS_HASH
    chain = []
    for sequence, record in enumerate(records, 1):
        content = {name: value for name, value in {**record, "sequence": sequence, "previous_hash": previous}.items() if name != "hash"}
        previous = canonical_hash(content)
        chain.append({**content, "hash": previous})
    return chain


def decisions(count: int) -> list[dict[str, Any]]:
    inputs = [{"usd": 0.1 + n, "none": None} for n in range(count)]
    return chained([{**SILENT, "signal_id": f"s{n}", "statistics": one, "input_hash": canonical_hash(one)} for n, one in enumerate(inputs)])


def grades(of: list[dict[str, Any]]) -> list[dict[str, Any]]:
    returns = {"net_return_bps": None, "rule_net_return_bps": None}
    return chained([{"signal_id": one["signal_id"], "horizon": "1h", "signal_hash": one["hash"], **returns} for one in of])


def verdict(decided: list[dict[str, Any]], graded: list[dict[str, Any]], *anchors: Any) -> Any:
    check = LedgerCheck(anchors)
    for decision in decided:
        check.add_decision(decision)
    for grade in graded:
        check.add_grade(grade)
    return check.verdict


class Ledgers(unittest.TestCase):
    def setUp(self) -> None:
        self.decisions = decisions(5)
        self.grades = grades(self.decisions[:3])

    def test_a_whole_ledger_matches_and_has_its_anchors(self) -> None:
        last, grade = self.decisions[3], self.grades[1]
        delivery = {"type": "ledger.anchored", "data": {"sequence": 4, "hash": last["hash"], "grades_sequence": 2, "grades_hash": grade["hash"]}}
        found = verdict(self.decisions, self.grades, delivery, f"1:{self.decisions[0]['hash']}", {"ledger": delivery["data"]})
        self.assertTrue(found.matches, str(found))
        self.assertEqual(found.decisions.head, Head(5, self.decisions[4]["hash"]))
        self.assertIn("3 of 3 anchors are in the chain of decisions.", str(found))
        self.assertIn("2 of 2 anchors are in the chain of grades.", str(found))
        self.assertTrue(verdict([], []).matches)

    def test_an_edit_is_named_by_its_place(self) -> None:
        edits = {
            "hash": {"signal_id": "other"},
            "input_hash": {"statistics": {"usd": 1}},
            "previous_hash": {"previous_hash": "f" * 64},
            "sequence": {"sequence": 9},
        }
        for name, edit in edits.items():
            with self.subTest(name):
                edited = [*self.decisions[:2], {**self.decisions[2], **edit}, *self.decisions[3:]]
                found = verdict(edited, self.grades)
                self.assertFalse(found.matches)
                self.assertEqual((found.decisions.head.sequence, found.decisions.mismatch.field), (2, name))
                self.assertIn(f"does not match: {name} is", str(found))

    def test_a_ledger_that_was_cut_or_recomputed_lacks_its_anchor(self) -> None:
        anchor = f"5:{self.decisions[4]['hash']}"
        cut = verdict(self.decisions[:4], self.grades, anchor)
        self.assertFalse(cut.matches)
        self.assertIn("The chain was cut: it ends at decision 4", str(cut))
        other = chained([{**one, "signal_id": f"t{n}"} for n, one in enumerate(self.decisions)])
        again = verdict(other, [], anchor)
        self.assertFalse(again.matches)
        self.assertIn("The chain was recomputed: decision 5", str(again))

    def test_a_grade_of_another_decision_is_named(self) -> None:
        moved = chained([{**self.grades[0], "signal_id": "s4"}])
        found = verdict(self.decisions, moved)
        self.assertFalse(found.matches)
        self.assertEqual(found.misplaced_grades, [1])

    def test_says_what_an_anchor_may_be(self) -> None:
        for anchor in ("17", "17:abc", {"data": {}}, {"ledger": None}):
            with self.subTest(anchor), self.assertRaisesRegex(ValueError, "allowed"):
                heads_of(anchor)  # type: ignore[arg-type]


#: Net returns of decisions four hours apart, and what `standingMismatches` of the server computes for each and the one after them.
NET_RETURNS = [300, 240, -60, 900, None, 150, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, -400, -900, -1500, 60]
WEALTHS = [
    1, 1, 1.1777777777777778, 1.0847953216374269, 1.429174788823912, 1.429174788823912, 1.777884853664581, 2.6668272804968716, 4.000240920745307,
    6.000361381117961, 9.000542071676941, 13.500813107515413, 20.25121966127312, 30.376829491909678, 45.56524423786452, 68.34786635679677,
    102.52179953519516, 34.17393317839839, 0.6834786635679678, 0.12530442165412745, 0.12712108996366708,
]  # fmt: skip


def traded(**changed: Any) -> list[dict[str, Any]]:
    """A record of a language model, with what its decisions said of it: off paper from the 13th to the 18th."""
    trade = {**SILENT, "action": "BUY", "analyst": "deepseek", "model": "m", "prompt_version": "v3", "statistics": None, "input_hash": canonical_hash(None)}
    return [
        {**trade, "signal_id": f"s{n}", "created_time": n * 14_400_000, "minute": n * 14_400_000, "paper": not 12 <= n < 18, "wealth": wealth, "grades_known": n, **changed}
        for n, wealth in enumerate(WEALTHS)
    ]


def known(decided: list[dict[str, Any]], field: str = "net_return_bps") -> list[dict[str, Any]]:
    """The grades of all but the last."""
    returns = [{"net_return_bps": None, "rule_net_return_bps": None, field: value} for value in NET_RETURNS]
    return chained([{"signal_id": one["signal_id"], "horizon": "1h", "signal_hash": one["hash"], **net} for one, net in zip(decided, returns)])


class Standing(unittest.TestCase):
    def test_follows_from_the_decisions_and_grades_before_it(self) -> None:
        decided = chained(traded())
        found = verdict(decided, known(decided))
        self.assertTrue(found.matches, str(found))

    def test_that_a_decision_claims_and_does_not_have_is_named(self) -> None:
        for place, claim, says in ((3, {"paper": False}, "paper false at a wealth of 1.08"), (15, {"wealth": 190}, "paper false at a wealth of 190")):
            with self.subTest(place):
                decided = traded()
                decided[place] |= claim
                found = verdict(chained(decided), known(chained(decided)))
                self.assertFalse(found.matches)
                self.assertEqual([(one.sequence, one.expected.wealth) for one in found.standings], [(place + 1, WEALTHS[place])])
                self.assertIn(f"Decision {place + 1} (s{place}) does not follow from the grades before it: it has {says}", str(found))

    def test_is_not_compared_where_a_decision_is_of_before_it(self) -> None:
        decided = [{name: value for name, value in one.items() if name not in ("wealth", "grades_known")} for one in traded(paper=False)]
        self.assertTrue(verdict(chained(decided), known(chained(decided))).matches)

    def test_counts_one_decision_of_an_episode_and_waits_for_its_grade(self) -> None:
        decided = traded()
        # The second is made 5 minutes after the first, and the third, 2 h on, still in the first one's four hours.
        for place, created in ((1, 300_000), (2, 7_200_000)):
            decided[place] |= {"created_time": created, "minute": created, "wealth": 1}
        decided[3]["wealth"] = 1
        # The fifth does not know the outcome of the fourth, which would count.
        decided[4] |= {"grades_known": 3, "wealth": 1}
        found = verdict(chained(decided[:5]), known(chained(decided[:5])))
        self.assertEqual(found.standings, [])
        self.assertTrue(found.matches, str(found))

    def test_of_the_rule_model_beside_a_language_model_is_its_own(self) -> None:
        beside = {"action": "NOTHING", "rule_action": "BUY", "rule_version": "rules-v1", "wealth": 1, "paper": True}
        last = {"analyst": "rules", "model": "rules-v1", "prompt_version": None, "rule_version": None, "wealth": WEALTHS[-1]}
        decided = traded(**beside)
        decided[-1] |= last
        self.assertTrue(verdict(chained(decided), known(chained(decided), "rule_net_return_bps")).matches)
        late = [{**one, "reason_code": "late"} for one in decided[:-1]]
        found = verdict(chained([*late, decided[-1]]), known(chained([*late, decided[-1]]), "rule_net_return_bps"))
        self.assertEqual([(one.sequence, one.expected.wealth) for one in found.standings], [(21, 1.0)])


class CanonicalJson(unittest.TestCase):
    def test_numbers_are_as_ecmascript_writes_them(self) -> None:
        texts = {
            1e21: "1e+21", 1e20: "100000000000000000000", 1e-7: "1e-7", 0.000001: "0.000001", 123456789012345680000.0: "123456789012345680000",
            1.5e300: "1.5e+300", 5e-324: "5e-324", 100.0: "100", -0.0: "0", 12345.678: "12345.678", -1.25e-9: "-1.25e-9",
            2**53 + 1: "9007199254740992", 2**53 - 1: "9007199254740991", -5: "-5",
        }  # fmt: skip
        for number, text in texts.items():
            self.assertEqual(canonical_json(number), text)
        for number in (math.inf, math.nan):
            with self.assertRaises(ValueError):
                canonical_json(number)

    def test_keys_and_texts_are_as_rfc_8785_wants_them(self) -> None:
        value = {"\u20ac": 1, "\U0001f600": [True, None], "\ufb33": {}, "b": 'é"\\\n\u0007\ud800', "a": ""}
        self.assertEqual(canonical_json(value), '{"a":"","b":"é\\"\\\\\\n\\u0007\\ud800","€":1,"😀":[true,null],"\ufb33":{}}')
