-- How far the levels of the book go; null in rows of before.
alter table public.liquidation_events
  add column if not exists depth_reach_bps double precision;

comment on column public.liquidation_events.notional_mark_usd is 'Notional in USD at the mark price: quantity × mark_price. Comparable between venues, whose price_kind differs; null where mark_price is unknown. Sums add it up where it is known, and usd_value elsewhere.';
comment on column public.liquidation_events.index_price is 'Index price on this venue; null if older than 30 s.';
comment on column public.liquidation_events.funding_rate is 'Current funding rate on this venue, per funding interval; null if older than 120 s.';
comment on column public.liquidation_events.open_interest_usd is 'Open interest of one side of the instrument on this venue × mark price, USD; null if older than 60 s. Before adapter_version 2 Bybit''s value was twice as high.';
comment on column public.liquidation_events.best_bid is 'Best bid in this venue''s order book; null if older than 10 s.';
comment on column public.liquidation_events.best_ask is 'Best ask in this venue''s order book; null if older than 10 s.';
comment on column public.liquidation_events.depth_reach_bps is 'Distance of the farthest known level from the mid price, bps, the smaller of both sides. The depth is known where it is 25 or more; null where no book is known, or before schema_version 2.';
comment on column public.liquidation_events.bid_depth_usd is 'Bid depth in USD: all levels within 25 bps of the mid price; null where depth_reach_bps is under 25 or the book is older than 10 s. Before schema_version 2 at most 20 levels.';
comment on column public.liquidation_events.ask_depth_usd is 'Ask depth in USD, as bid_depth_usd.';
comment on column public.liquidation_events.imbalance_ratio is 'Imbalance of the depth: (bid − ask) / (bid + ask), −1 to 1 (Cont, Kukanov & Stoikov 2014); null where the depth is unknown.';
comment on column public.liquidation_events.depth_share is 'Share of the depth taken: notional_mark_usd, or usd_value where that is unknown, ÷ depth on the side that the closing order hits.';
comment on column public.liquidation_events.cum_usd_1m is 'Sum of notional_mark_usd, or usd_value where that is unknown, over (t − 1 min, t], all venues, same symbol and position side, including this event. Before schema_version 2 of usd_value alone.';
comment on column public.liquidation_events.cum_usd_5m is 'Sum over (t − 5 min, t], as cum_usd_1m.';
comment on column public.liquidation_events.cum_usd_15m is 'Sum over (t − 15 min, t], as cum_usd_1m.';
comment on column public.liquidation_events.velocity_usd_per_s is 'Exponentially weighted velocity, USD per second: v ← v·e^(−Δ/60 s) + usd/60, with usd as in cum_usd_1m.';
comment on column public.liquidation_events.dominant_exchange is 'Venue with the largest share of the sum cum_usd_5m.';

-- Sums take the notional at the mark price where it is known, as those of the hot store do.
create or replace function public.liquidation_totals(
  bucket_unit text,
  start_time timestamptz,
  end_time timestamptz,
  for_symbol text default null,
  for_exchange text default null,
  after_bucket timestamptz default null,
  after_symbol text default null,
  after_exchange text default null,
  after_side text default null,
  max_rows integer default 1000
) returns table (
  bucket_time timestamptz,
  symbol text,
  exchange text,
  position_side text,
  events bigint,
  events_without_usd bigint,
  events_without_notional_mark bigint,
  usd double precision,
  notional_mark_usd double precision,
  quantity double precision,
  max_usd double precision
)
language sql stable security invoker set search_path = '' set statement_timeout = '15s'
as $$
  select
    date_trunc(bucket_unit, e.event_time, 'UTC'),
    e.symbol,
    e.exchange,
    e.position_side,
    count(*),
    count(*) - count(coalesce(e.notional_mark_usd, e.usd_value)),
    count(*) - count(e.notional_mark_usd),
    sum(coalesce(e.notional_mark_usd, e.usd_value)),
    sum(e.notional_mark_usd),
    sum(e.quantity),
    max(coalesce(e.notional_mark_usd, e.usd_value))
  from public.liquidation_events as e
  where e.event_time >= greatest(start_time, after_bucket)
    and e.event_time < end_time
    and e.coverage <> 'inferred'
    and (for_symbol is null or e.symbol = for_symbol)
    and (for_exchange is null or e.exchange = for_exchange)
  group by 1, 2, 3, 4
  having after_bucket is null
    or (date_trunc(bucket_unit, e.event_time, 'UTC'), e.symbol collate "C", e.exchange collate "C", e.position_side collate "C")
      > (after_bucket, after_symbol, after_exchange, after_side)
  order by 1, e.symbol collate "C", e.exchange collate "C", e.position_side collate "C"
  limit least(max_rows, 1000)
$$;

comment on column public.liquidation_analytics.long_usd is 'Longs: sum of notional_mark_usd, or usd_value where that is unknown; null where both are unknown for every liquidation.';
comment on column public.liquidation_analytics.long_max_usd is 'Longs: largest single value in that sum; null where there is none.';
comment on column public.liquidation_analytics.long_previous_usd is 'Longs: the same sum in the previous window of the same length; null where it is unknown for every liquidation.';
comment on column public.liquidation_analytics.short_usd is 'Shorts: sum of notional_mark_usd, or usd_value where that is unknown; null where both are unknown for every liquidation.';
comment on column public.liquidation_analytics.short_max_usd is 'Shorts: largest single value in that sum; null where there is none.';
comment on column public.liquidation_analytics.short_previous_usd is 'Shorts: the same sum in the previous window of the same length; null where it is unknown for every liquidation.';
comment on column public.liquidation_analytics.total_usd is 'Both sides: sum of notional_mark_usd, or usd_value where that is unknown; null where both are unknown for every liquidation.';
comment on column public.liquidation_analytics.total_max_usd is 'Both sides: largest single value in that sum; null where there is none.';
comment on column public.liquidation_analytics.total_previous_usd is 'Both sides: the same sum in the previous window of the same length; null where it is unknown for every liquidation.';

notify pgrst, 'reload schema';
