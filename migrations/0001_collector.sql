-- What the collector stores in D1. Times are integer milliseconds since 1970 UTC; a minute, hour or day is named by
-- its start. STRICT, so that a value of a wrong type is an error and not silently another value; WITHOUT ROWID, since
-- every table is reached by its own key and D1 bills a second row written for the key of a rowid table.

-- Hot events: all fields of the model, the names and order of src/liquidation-fields.ts.
CREATE TABLE liquidations (
  event_id TEXT NOT NULL PRIMARY KEY,
  exchange TEXT NOT NULL,
  instrument TEXT NOT NULL,
  symbol TEXT NOT NULL,
  quote TEXT NOT NULL,
  event_time INTEGER NOT NULL,
  received_time INTEGER NOT NULL,
  position_side TEXT NOT NULL,
  order_side TEXT NOT NULL,
  price REAL,
  price_kind TEXT NOT NULL,
  quantity REAL,
  contracts REAL,
  usd_value REAL,
  notional_mark_usd REAL,
  order_type TEXT,
  time_in_force TEXT,
  order_status TEXT,
  average_price REAL,
  limit_price REAL,
  last_filled_quantity REAL,
  bankruptcy_loss REAL,
  mark_price REAL,
  mark_age_ms INTEGER,
  index_price REAL,
  funding_rate REAL,
  open_interest_usd REAL,
  best_bid REAL,
  best_ask REAL,
  book_age_ms INTEGER,
  spread_bps REAL,
  slippage_to_mark_bps REAL,
  bid_depth_usd REAL,
  ask_depth_usd REAL,
  imbalance_ratio REAL,
  depth_share REAL,
  volatility_5m REAL,
  cum_usd_1m REAL,
  cum_usd_5m REAL,
  cum_usd_15m REAL,
  cum_events_1m INTEGER,
  velocity_usd_per_s REAL,
  branching_ratio REAL,
  cascade_score REAL,
  score_kind TEXT,
  cascade_id TEXT,
  concurrent_exchanges INTEGER,
  cross_exchange_lag_ms INTEGER,
  lag_resolution_ms INTEGER,
  dominant_exchange TEXT,
  impact_1s_bps REAL,
  impact_5s_bps REAL,
  impact_60s_bps REAL,
  coverage TEXT NOT NULL,
  gap_before_ms INTEGER NOT NULL,
  source TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  adapter_version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Both end in event_id, as every index of a WITHOUT ROWID table ends in its key: pages are read in index order.
CREATE INDEX liquidations_by_symbol_time ON liquidations (symbol, event_time);
CREATE INDEX liquidations_by_time ON liquidations (event_time);

-- One row. Events before from_time may have been deleted from liquidations, so totals of minutes before it are final.
CREATE TABLE hot_events (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  from_time INTEGER NOT NULL
) STRICT;
INSERT INTO hot_events (id, from_time) VALUES (1, 0);

-- Sums over the events whose value is known, null where no event's is; events_without_* count those that are not.
CREATE TABLE minute_totals (
  minute INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  position_side TEXT NOT NULL,
  events INTEGER NOT NULL,
  events_without_usd INTEGER NOT NULL,
  events_without_notional_mark INTEGER NOT NULL,
  usd REAL,
  notional_mark_usd REAL,
  quantity REAL,
  max_usd REAL,
  PRIMARY KEY (minute, symbol, exchange, position_side)
) STRICT, WITHOUT ROWID;

CREATE TABLE hour_totals (
  hour INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  position_side TEXT NOT NULL,
  events INTEGER NOT NULL,
  events_without_usd INTEGER NOT NULL,
  events_without_notional_mark INTEGER NOT NULL,
  usd REAL,
  notional_mark_usd REAL,
  quantity REAL,
  max_usd REAL,
  PRIMARY KEY (hour, symbol, exchange, position_side)
) STRICT, WITHOUT ROWID;
CREATE INDEX hour_totals_by_symbol ON hour_totals (symbol, hour);

-- Hours whose minutes changed since hour_totals was last computed. For any other hour both tables agree.
CREATE TABLE dirty_hours (
  hour INTEGER NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The mark price, from the most preferred venue that reported the minute.
CREATE TABLE minute_marks (
  minute INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  open REAL NOT NULL,
  high REAL NOT NULL,
  low REAL NOT NULL,
  close REAL NOT NULL,
  samples INTEGER NOT NULL,
  PRIMARY KEY (minute, symbol)
) STRICT, WITHOUT ROWID;

-- Stretches in which a venue was not heard; to_time is null while one lasts.
CREATE TABLE gaps (
  exchange TEXT NOT NULL,
  from_time INTEGER NOT NULL,
  to_time INTEGER,
  reason TEXT NOT NULL,
  PRIMARY KEY (exchange, from_time)
) STRICT, WITHOUT ROWID;
