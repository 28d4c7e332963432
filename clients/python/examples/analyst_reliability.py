"""The analyst's reliability: what its decisions came to after cost, next to baselines, and whether its words are worth anything.

    python3 examples/analyst_reliability.py

Each part that begins with `# %%` is a cell of a notebook. LIQUIDATIONS_URL is the server's address, LIQUIDATIONS_KEY a key
where one is needed.
"""

# %% The scoreboard, and the ledger that it follows from
import os

from liquidations import Client

client = Client(os.environ.get("LIQUIDATIONS_URL", "http://localhost:8787"), os.environ.get("LIQUIDATIONS_KEY"))
board = client.get_scoreboard().data
horizon = board["registered_horizon"]
score = board["horizons"][horizon]
of = board["horizons_of"]


def number(value: float | None, text: str) -> str:
    """Unknown is no number."""
    return "unknown" if value is None else text.format(value)


# %% First: is the ledger what it was? Keep anchors, and give them here
print(client.verify_ledger())

# %% What it is worth over the registered horizon
print(f"\n{of['model'] or of['analyst']}: {of['decisions']} decisions, {score['graded']} graded over {horizon}: the sample is {score['verdict']}")
print(f"hits: {number(score['hit_rate'], '{:.1%}')} ({number(score['hit_rate_low'], '{:.1%}')} to {number(score['hit_rate_high'], '{:.1%}')})")
print(f"mean return after cost: {number(score['mean_net_return_bps'], '{:+.1f} bps')}")
print(f"Brier skill: {number(score['brier_skill'], '{:+.3f}')} (above 0 its confidence says more than the average does)")
print(f"Brier skill of {score['calibrated']} calibrated probabilities: {number(score['brier_skill_calibrated'], '{:+.3f}')}")

# %% Is a confidence of 70 right in 70 of 100 cases?
print(f"\n{'confidence':>12} {'graded':>7} {'stated':>8} {'hits':>8}")
for bucket in score["reliability"]:
    hits = f"{bucket['hit_rate']:.1%}" if bucket["graded"] else "unknown"
    print(f"{bucket['from']:>5} to {bucket['to']:>3} {bucket['graded']:>7} {bucket['mean_confidence']:>8.1f} {hits:>8}")

# %% Against baselines: what the decisions earned more
print(f"\n{'baseline':>10} {'its mean':>12} {'sample':>14}")
for name, baseline in score["baselines"].items():
    print(f"{name:>10} {number(baseline['mean_net_return_bps'], '{:+.1f} bps'):>12} {baseline['verdict']:>14}")

# %% Each analyst's record, and whether it is on paper: do not act on it then
print()
for record in board["records"]:
    muting = record["muting"]
    state = "on paper" if muting["paper"] else "off paper"
    model = record["model"] or "no model"
    print(f"{record['analyst']} ({model}): {record['decisions']} decisions, {record['trades']} trades, wealth {muting['wealth']:.2f}: {state}")

client.close()
