-- Questions to Parquet files of liquidations, for DuckDB 1.1 or newer.
--
--   duckdb -c '.read examples/liquidations.sql'
--
-- Reads daily files or exports in the current folder. For batches, read 'liquidations/v1/*/*/*.parquet' instead.
-- USD is notional_mark_usd throughout, the only value that compares between venues.

CREATE OR REPLACE TEMP VIEW liquidations AS
SELECT * FROM read_parquet('liquidation*.parquet', union_by_name = true) WHERE coverage <> 'inferred';

-- What does each venue's feed carry? Sums over venues with different coverage are floors.
SELECT exchange, coverage, price_kind, count(*) AS events, sum(notional_mark_usd) AS usd
FROM liquidations GROUP BY ALL ORDER BY usd DESC NULLS LAST;

-- How much was liquidated per hour and side?
SELECT date_trunc('hour', event_time) AS hour, symbol, position_side, count(*) AS events, sum(notional_mark_usd) AS usd
FROM liquidations GROUP BY ALL ORDER BY ALL;

-- Which were the largest, and how much of the visible book did each take?
SELECT event_time, exchange, instrument, position_side, notional_mark_usd, depth_share, impact_60s_bps
FROM liquidations ORDER BY notional_mark_usd DESC NULLS LAST LIMIT 20;

-- Did the mark price move with the forced flow afterwards? Known only in daily files; null elsewhere.
SELECT symbol, position_side, count(impact_60s_bps) AS known, avg(impact_60s_bps) AS mean_bps, median(impact_60s_bps) AS median_bps
FROM liquidations GROUP BY ALL ORDER BY ALL;

-- Where did the venues' liquidations arrive late?
SELECT exchange, median(epoch_ms(received_time) - epoch_ms(event_time)) AS median_ms, max(epoch_ms(received_time) - epoch_ms(event_time)) AS max_ms
FROM liquidations WHERE source = 'stream' GROUP BY ALL ORDER BY ALL;

-- When was a venue not connected? The files say so themselves.
SELECT gap.exchange, make_timestamp(gap.from_time * 1000) AS from_time, make_timestamp(gap.to_time * 1000) AS to_time, gap.reason
FROM (
  SELECT unnest(from_json(decode(value) -> 'gaps',
    '[{"exchange":"VARCHAR","from_time":"BIGINT","to_time":"BIGINT","reason":"VARCHAR"}]')) AS gap
  FROM parquet_kv_metadata('liquidation*.parquet') WHERE decode(key) = 'liquidations')
ORDER BY ALL;
