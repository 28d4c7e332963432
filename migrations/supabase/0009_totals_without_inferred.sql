-- What is inferred from trades is no venue's word: it is in no total.

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
    count(*) - count(e.usd_value),
    count(*) - count(e.notional_mark_usd),
    sum(e.usd_value),
    sum(e.notional_mark_usd),
    sum(e.quantity),
    max(e.usd_value)
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

comment on function public.liquidation_totals is
  'Totals of liquidation_events over [start_time, end_time) per bucket (minute, hour, day; UTC), symbol, venue and side, in that order, after the row named by after_*; without inferred events.';

notify pgrst, 'reload schema';
