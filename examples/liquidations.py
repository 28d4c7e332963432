#!/usr/bin/env python3
"""Reads liquidations page by page and writes them as CSV, with the standard library alone.

    python3 examples/liquidations.py --symbol BTC --start 2026-11-21 > btc.csv

What was not covered goes to standard error: read it before you draw conclusions.
LIQUIDATIONS_URL is the Worker's address; LIQUIDATIONS_KEY is needed only where reading needs a key.
"""
import argparse
import csv
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

COLUMNS = ["event_time", "exchange", "symbol", "position_side", "quantity", "price", "price_kind", "usd_value", "coverage"]


def pages(worker, query, key=None):
    """Every page of GET /v1/liquidations, oldest first."""
    cursor = ""
    while cursor is not None:
        asked = {**query, "order": "asc", "limit": 1000, **({"cursor": cursor} if cursor else {})}
        request = urllib.request.Request(f"{worker}/v1/liquidations?{urllib.parse.urlencode(asked)}")
        if key:
            request.add_header("X-API-Key", key)
        with urllib.request.urlopen(request, timeout=60) as answer:
            page = json.load(answer)
        yield page
        cursor = page["meta"]["next_cursor"]


def moment(milliseconds):
    if milliseconds is None:
        return "now"
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat(timespec="seconds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("symbol", "exchange", "side", "min-usd", "start", "end"):
        parser.add_argument(f"--{name}")
    query = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    worker = os.environ.get("LIQUIDATIONS_URL", "http://localhost:8787").rstrip("/")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    gaps, rows = {}, 0
    try:
        for page in pages(worker, query, os.environ.get("LIQUIDATIONS_KEY")):
            for row in page["data"]:
                out.writerow(moment(row[name]) if name == "event_time" else row[name] for name in COLUMNS)
            rows += len(page["data"])
            for gap in page["meta"]["gaps"]:
                gaps[gap["exchange"], gap["from_time"]] = gap
            missing = page["meta"].get("not_covered")
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code}: {json.load(error)['detail']}")
    print(f"{rows} liquidations", file=sys.stderr)
    for gap in gaps.values():
        print(f"{gap['exchange']} was not covered from {moment(gap['from_time'])} to {moment(gap['to_time'])}: {gap['reason']}", file=sys.stderr)
    if missing is not None:
        print(f"not answered: {moment(missing['start'])} to {moment(missing['end'])}: {missing['detail']}", file=sys.stderr)


if __name__ == "__main__":
    main()
