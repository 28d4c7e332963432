"""Profile of a day: how much was liquidated, when, where and how large, and what is not known of it.

    python3 examples/profile_of_a_day.py 2026-11-20

Each part that begins with `# %%` is a cell of a notebook. LIQUIDATIONS_URL is the server's address, LIQUIDATIONS_KEY a key
where one is needed. Without a date it is the last 24 hours.
"""

# %% The day
import os
import sys
from datetime import datetime, timedelta, timezone

from liquidations import Client
from liquidations.moment import utc_text

client = Client(os.environ.get("LIQUIDATIONS_URL", "http://localhost:8787"), os.environ.get("LIQUIDATIONS_KEY"))
dates = [argument for argument in sys.argv[1:] if argument[:2] == "20"]
end = datetime.fromisoformat(dates[0]).replace(tzinfo=timezone.utc) + timedelta(days=1) if dates else datetime.now(timezone.utc)
start = end - timedelta(days=1)

# %% What is known of it: read this before the numbers
ranking = client.get_ranking(by="exchange", start=start, end=end)
print(f"{utc_text(ranking.data['start_time'])} to {utc_text(ranking.data['end_time'])} UTC\n")
print(ranking.coverage)

# %% By venue. Their prices are of different kinds, and some report only a part
print(f"\n{'venue':>10} {'events':>8} {'USD':>16} {'share':>7}")
for group in ranking.data["ranking"]:
    share = "unknown" if group["share"] is None else f"{group['share']:.1%}"
    print(f"{group['key']:>10} {group['events']:>8} {group['usd'] or 0:>16,.0f} {share:>7}")

# %% By hour: longs to the left, shorts to the right
hours = list(client.list_totals(interval="1h", start=start, end=end))
most = max((hour["sides"][side]["usd"] or 0 for hour in hours for side in ("long", "short")), default=0) or 1
print(f"\n{'hour (UTC)':>16} {'longs, USD':>36}   shorts, USD")
for hour in hours:
    longs, shorts = (hour["sides"][side]["usd"] or 0 for side in ("long", "short"))
    bars = [("█" * round(20 * usd / most)) for usd in (longs, shorts)]
    print(f"{utc_text(hour['time'])[:16]} {longs:>14,.0f} {bars[0]:>20} | {bars[1]:<20} {shorts:>14,.0f}")

# %% The largest ones
print("\nLargest liquidations")
for one in client.list_liquidations(start=start, end=end, sort="usd", limit=10).first().data:
    print(f"{utc_text(one['event_time'])} {one['exchange']:>9} {one['symbol']:>6} {one['position_side']:>5} {one['usd_value'] or 0:>14,.0f} USD")

client.close()
