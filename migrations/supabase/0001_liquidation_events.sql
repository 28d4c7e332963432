-- Every liquidation, by month of event time, with row-level security.
--
-- Columns and comments follow src/liquidation-fields.ts; test/unit/supabase/schema.test.ts compares the two.
-- The primary key holds event_time because a partitioned table's key must hold its partition column.

create table if not exists public.liquidation_events (
  event_id text not null,
  exchange text not null check (exchange in ('binance', 'bybit', 'okx', 'kucoin', 'bitfinex')),
  instrument text not null,
  symbol text not null,
  quote text not null,
  event_time timestamptz not null,
  received_time timestamptz not null,
  position_side text not null check (position_side in ('long', 'short')),
  order_side text not null check (order_side in ('sell', 'buy')),
  price double precision,
  price_kind text not null check (price_kind in ('average_fill', 'bankruptcy', 'liquidation_mark', 'acquired', 'mark')),
  quantity double precision,
  contracts double precision,
  usd_value double precision,
  notional_mark_usd double precision,
  order_type text,
  time_in_force text,
  order_status text,
  average_price double precision,
  limit_price double precision,
  last_filled_quantity double precision,
  bankruptcy_loss double precision,
  mark_price double precision,
  mark_age_ms integer,
  index_price double precision,
  funding_rate double precision,
  open_interest_usd double precision,
  best_bid double precision,
  best_ask double precision,
  book_age_ms integer,
  spread_bps double precision,
  slippage_to_mark_bps double precision,
  bid_depth_usd double precision,
  ask_depth_usd double precision,
  imbalance_ratio double precision,
  depth_share double precision,
  volatility_5m double precision,
  cum_usd_1m double precision,
  cum_usd_5m double precision,
  cum_usd_15m double precision,
  cum_events_1m integer,
  velocity_usd_per_s double precision,
  branching_ratio double precision,
  cascade_score double precision,
  score_kind text check (score_kind in ('heuristic', 'calibrated')),
  cascade_id text,
  concurrent_exchanges integer,
  cross_exchange_lag_ms integer,
  lag_resolution_ms integer,
  dominant_exchange text check (dominant_exchange in ('binance', 'bybit', 'okx', 'kucoin', 'bitfinex')),
  impact_1s_bps double precision,
  impact_5s_bps double precision,
  impact_60s_bps double precision,
  coverage text not null check (coverage in ('all_reported', 'largest_per_second', 'sampled', 'inferred', 'none')),
  gap_before_ms bigint not null,
  source text not null check (source in ('stream', 'backfill', 'replay')),
  schema_version integer not null,
  adapter_version integer not null,
  primary key (event_id, event_time)
) partition by range (event_time);

create index if not exists liquidation_events_symbol_time on public.liquidation_events (symbol, event_time);
create index if not exists liquidation_events_exchange_time on public.liquidation_events (exchange, event_time);
-- Pages over all symbols and venues are ordered by these two.
create index if not exists liquidation_events_time on public.liquidation_events (event_time, event_id);

-- Partitions live in a schema of their own, which the HTTP API does not serve: a policy on the parent does not
-- guard a partition that is addressed by its own name.
create schema if not exists liquidation_internal;
revoke all on schema liquidation_internal from public;
comment on schema liquidation_internal is 'Partitions of liquidation_events and the record of applied migrations; not served over HTTP.';

-- Takes rows of months that have no partition yet, so that no row is refused for want of one.
create table if not exists liquidation_internal.liquidation_events_default partition of public.liquidation_events default;

alter table public.liquidation_events enable row level security;
alter table liquidation_internal.liquidation_events_default enable row level security;

drop policy if exists liquidation_events_read on public.liquidation_events;
create policy liquidation_events_read on public.liquidation_events for select to authenticated using (true);
drop policy if exists liquidation_events_service on public.liquidation_events;
create policy liquidation_events_service on public.liquidation_events for all to service_role using (true) with check (true);

revoke all on public.liquidation_events from public, anon, authenticated, service_role;
grant select on public.liquidation_events to authenticated;
grant select, insert, update, delete on public.liquidation_events to service_role;
grant usage on schema public to authenticated, service_role;

comment on table public.liquidation_events is
  'One row per forced liquidation as its venue reported it. Null is unknown, not applicable or too old; zero is a measured zero.';

comment on column public.liquidation_events.event_id is
  'Pure function of the venue''s own fields; the same over reconnect, replay and REST.';
comment on column public.liquidation_events.exchange is
  'Venue.';
comment on column public.liquidation_events.instrument is
  'The venue''s own name of the contract, e.g. BTCUSDT, BTC-USDT-SWAP, tBTCF0:USTF0.';
comment on column public.liquidation_events.symbol is
  'Base asset; multiplier prefixes such as 1000PEPE are removed, price and quantity rescaled.';
comment on column public.liquidation_events.quote is
  'Quote asset: USDT, USDC or USD.';
comment on column public.liquidation_events.event_time is
  'The venue''s time of the liquidation.';
comment on column public.liquidation_events.received_time is
  'When the frame reached the collector.';
comment on column public.liquidation_events.position_side is
  'Whose position was closed.';
comment on column public.liquidation_events.order_side is
  'The closing order: a long is closed by a sell.';
comment on column public.liquidation_events.price is
  'In quote per base unit; what it is says price_kind. Null only where the venue gave none and no fresh mark price was known.';
comment on column public.liquidation_events.price_kind is
  'What price is: Binance average fill, Bybit bankruptcy price, OKX liquidation mark price, Bitfinex acquired price or, where that is missing, the mark price.';
comment on column public.liquidation_events.quantity is
  'Base units, never contracts; null where the contract size is unknown.';
comment on column public.liquidation_events.contracts is
  'As the venue gave it, where the venue counts contracts.';
comment on column public.liquidation_events.usd_value is
  'quantity × price with USDT and USDC taken as 1 USD; inverse contracts: contracts × contract value. Null where the contract size or price is unknown.';
comment on column public.liquidation_events.notional_mark_usd is
  'quantity × mark_price: comparable between venues, since price_kind differs.';
comment on column public.liquidation_events.order_type is
  'Binance o, e.g. LIMIT.';
comment on column public.liquidation_events.time_in_force is
  'Binance f, e.g. IOC.';
comment on column public.liquidation_events.order_status is
  'Binance X, e.g. FILLED.';
comment on column public.liquidation_events.average_price is
  'Binance ap.';
comment on column public.liquidation_events.limit_price is
  'Binance p, the limit of the IOC order.';
comment on column public.liquidation_events.last_filled_quantity is
  'Binance l, base units.';
comment on column public.liquidation_events.bankruptcy_loss is
  'OKX bkLoss.';
comment on column public.liquidation_events.mark_price is
  'This venue''s mark price, the last received before the event; null if older than 10 s.';
comment on column public.liquidation_events.mark_age_ms is
  'Age of mark_price when the event was received.';
comment on column public.liquidation_events.index_price is
  'This venue''s index price.';
comment on column public.liquidation_events.funding_rate is
  'This venue''s current funding rate, per funding interval.';
comment on column public.liquidation_events.open_interest_usd is
  'This venue''s open interest of the instrument × mark price.';
comment on column public.liquidation_events.best_bid is
  'Best bid of the venue''s book.';
comment on column public.liquidation_events.best_ask is
  'Best ask of the venue''s book.';
comment on column public.liquidation_events.book_age_ms is
  'Age of the book when the event was received.';
comment on column public.liquidation_events.spread_bps is
  '10⁴ (ask − bid) / mid.';
comment on column public.liquidation_events.slippage_to_mark_bps is
  '10⁴ (price − mark) / mark, sign turned so that worse for the liquidated side is positive; its meaning depends on price_kind.';
comment on column public.liquidation_events.bid_depth_usd is
  'Sum over the bid levels held, at most 20 and within 25 bps of mid.';
comment on column public.liquidation_events.ask_depth_usd is
  'Sum over the ask levels held, at most 20 and within 25 bps of mid.';
comment on column public.liquidation_events.imbalance_ratio is
  '(bid − ask) / (bid + ask) depth, −1 to 1 (Cont, Kukanov & Stoikov 2014).';
comment on column public.liquidation_events.depth_share is
  'usd_value / depth on the side the closing order hits.';
comment on column public.liquidation_events.volatility_5m is
  '√Σr² over one-second log mark returns of the last 5 min, not annualised; null under 60 returns.';
comment on column public.liquidation_events.cum_usd_1m is
  'Sum of usd_value over (t − 1 min, t], all venues, same symbol and position side, this event included.';
comment on column public.liquidation_events.cum_usd_5m is
  'The same over 5 min.';
comment on column public.liquidation_events.cum_usd_15m is
  'The same over 15 min.';
comment on column public.liquidation_events.cum_events_1m is
  'Count of events over (t − 1 min, t].';
comment on column public.liquidation_events.velocity_usd_per_s is
  'Exponentially weighted: v ← v·e^(−Δ/60 s) + usd/60.';
comment on column public.liquidation_events.branching_ratio is
  'Of the exponential Hawkes fit for the symbol and side (Hawkes 1971; Filimonov & Sornette 2012); null under 200 events.';
comment on column public.liquidation_events.cascade_score is
  '0–100 percentile blend; what it is says score_kind.';
comment on column public.liquidation_events.score_kind is
  'heuristic until the score is calibrated.';
comment on column public.liquidation_events.cascade_id is
  'The running cascade this event belongs to.';
comment on column public.liquidation_events.concurrent_exchanges is
  'Venues with an event of the same symbol and side in (t − 10 s, t].';
comment on column public.liquidation_events.cross_exchange_lag_ms is
  't minus the first event of the running burst on another venue; null where alone.';
comment on column public.liquidation_events.lag_resolution_ms is
  'What the two feeds can resolve at best, added up.';
comment on column public.liquidation_events.dominant_exchange is
  'Largest share of usd_value over the last 5 min.';
comment on column public.liquidation_events.impact_1s_bps is
  '10⁴ (mark(t+1 s) − mark(t⁻)) / mark(t⁻), positive in the direction of the forced flow. Known only after the event, never an input of a signal.';
comment on column public.liquidation_events.impact_5s_bps is
  'The same after 5 s.';
comment on column public.liquidation_events.impact_60s_bps is
  'The same after 60 s.';
comment on column public.liquidation_events.coverage is
  'What share of the venue''s liquidations its feed carries, by its own word.';
comment on column public.liquidation_events.gap_before_ms is
  'Length of the unheard stretch that ended just before this event, 0 if none.';
comment on column public.liquidation_events.source is
  'Live stream, REST backfill after a gap, or replay of recorded frames.';
comment on column public.liquidation_events.schema_version is
  'Version of this list of fields.';
comment on column public.liquidation_events.adapter_version is
  'Version of the venue adapter that read the frame.';

notify pgrst, 'reload schema';
