#!/usr/bin/env bash
# Creates an export, waits until it is done and downloads its files into the current folder.
#
#   examples/export.sh START END [FORMAT] [SYMBOLS]
#   examples/export.sh 2026-11-01 2026-11-08 csv BTC,ETH
#
# LIQUIDATIONS_URL is the Worker's address; LIQUIDATIONS_KEY needs the scope export.
set -euo pipefail

[ $# -ge 2 ] || { echo "usage: export.sh START END [parquet|csv|json|ndjson] [SYMBOLS]" >&2; exit 2; }
worker=${LIQUIDATIONS_URL:-http://localhost:8787}
key=${LIQUIDATIONS_KEY:?an API key with the scope export}
request=$(jq -n --arg start "$1" --arg end "$2" --arg format "${3:-parquet}" --arg symbols "${4:-}" \
  '{"start": $start, "end": $ARGS.named.end, "format": $format} + (if $symbols == "" then {} else {"symbols": ($symbols | split(","))} end)')

# ask METHOD PATH [BODY]: prints the answer, or the problem's detail and stops.
ask() {
  local answer
  answer=$(curl -sS -X "$1" "$worker$2" -H "X-API-Key: $key" -H "Content-Type: application/json" ${3:+-d "$3"})
  jq -e 'has("data")' <<<"$answer" >/dev/null || { jq -r '"\(.code): \(.detail)"' <<<"$answer" >&2; return 1; }
  echo "$answer"
}

ask POST /v1/exports/estimate "$request" | jq -r '.data | "about \(.rows) rows in \(.files) file(s), \(.bytes) bytes"'
id=$(ask POST /v1/exports "$request" | jq -r .data.export_id)
while export=$(ask GET "/v1/exports/$id"); state=$(jq -r .data.state <<<"$export"); [ "$state" != done ]; do
  [ "$state" != failed ] || { jq -r .data.error <<<"$export" >&2; exit 1; }
  sleep 1
done

jq -r '.data.manifest.not_covered[] | "not covered: \(.start) to \(.end), \(.detail)"' <<<"$export"
jq -r '.data.downloads[] | "\(.sha256) \(.name) \(.path)"' <<<"$export" | while read -r sha256 name path; do
  curl -sS --fail --compressed -o "$name" "$worker$path" -H "X-API-Key: $key"
  echo "$sha256  $name" | sha256sum --check -
done
# Names the gaps, and the hash of each file: npm run backtest -- --data . reads it with them.
jq .data.manifest <<<"$export" >"$id.manifest.json"
