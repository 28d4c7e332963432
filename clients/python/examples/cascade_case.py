"""The case of a cascade: how it ran, which venue began, what the price did, and what is not known of it.

    python3 examples/cascade_case.py [CASCADE_ID]

Each part that begins with `# %%` is a cell of a notebook. LIQUIDATIONS_URL is the server's address, LIQUIDATIONS_KEY a key
where one is needed. Without an id it is the largest cascade of the last week.
"""

# %% The cascade
import os
import sys
import time

from liquidations import Client
from liquidations.moment import utc_text

MINUTE_MS = 60_000
client = Client(os.environ.get("LIQUIDATIONS_URL", "http://localhost:8787"), os.environ.get("LIQUIDATIONS_KEY"))
ids = [argument for argument in sys.argv[1:] if argument.count("-") == 2]
if not ids:
    week_ago = round(time.time() * 1000) - 7 * 24 * 60 * MINUTE_MS
    found = sorted(client.list_cascades(start=week_ago), key=lambda one: one["usd"])
    if not found:
        sys.exit("No cascade in the last week.")
    ids = [found[-1]["cascade_id"]]
answer = client.get_cascade(ids[0])
cascade = answer.data
start, end = cascade["start_time"], cascade["end_time"] or round(time.time() * 1000)
print(f"{cascade['symbol']}: {cascade['events']} {cascade['position_side']} positions liquidated, {cascade['usd']:,.0f} USD, severity {cascade['severity']} of 5")
print(f"{utc_text(start)} to {utc_text(cascade['end_time'])} UTC, fastest at {utc_text(cascade['peak_time'])}")

# %% What is known of it
print()
for gap in cascade["gaps"]:
    print(f"{gap['exchange']} was not connected from {utc_text(gap['from_time'])} to {utc_text(gap['to_time'])}: {gap['reason']}")
print(answer.coverage)

# %% Who began. Venues report with a lag, so the first one is a probability
print()
if cascade["first_exchange"] is None:
    print("Which venue began is not known.")
else:
    chance = cascade["first_exchange_probability"]
    print(f"First: {cascade['first_exchange']}, with a probability of {'unknown' if chance is None else f'{chance:.0%}'}")
print(f"Venues: {', '.join(cascade['exchanges'])}")

# %% Its liquidations by venue
liquidations = client.list_liquidations(symbol=cascade["symbol"], side=cascade["position_side"], start=start, end=end + 1, order="asc")
by_venue: dict[str, list[float]] = {}
for one in liquidations:
    by_venue.setdefault(one["exchange"], []).append(one["usd_value"] or 0)
print(f"\n{'venue':>10} {'events':>8} {'USD':>16} {'largest':>14}")
for venue, usd in sorted(by_venue.items(), key=lambda item: -sum(item[1])):
    print(f"{venue:>10} {len(usd):>8} {sum(usd):>16,.0f} {max(usd):>14,.0f}")
if liquidations.coverage.not_covered:
    print("Not every liquidation of that time was answered:")
    print(liquidations.coverage)

# %% The mark price around it
print()
if cascade["move_bps"] is not None:
    print(f"The mark price went from {cascade['start_mark']} to {cascade['extreme_mark']}: {cascade['move_bps']:+.1f} bps in the direction of the flow")
for candle in client.list_marks(cascade["symbol"], start=start - 10 * MINUTE_MS, end=end + 10 * MINUTE_MS).data:
    print(f"{utc_text(candle['time'])[:16]} {candle['exchange']:>9} {candle['low']:>12,.2f} to {candle['high']:>12,.2f}, close {candle['close']:>12,.2f}")

client.close()
