-- The rolling statistics of each minute: what the signal agent saw.

create table if not exists public.liquidation_analytics (
  minute timestamptz not null,
  symbol text not null,
  "window" text not null check ("window" ~ '^[1-9][0-9]*[mhd]$'),
  window_start timestamptz not null,
  window_end timestamptz not null check (window_end > window_start),
  long_events integer not null,
  long_events_without_usd integer not null,
  long_events_without_notional_mark integer not null,
  long_usd double precision,
  long_notional_mark_usd double precision,
  long_quantity double precision,
  long_max_usd double precision,
  long_exchanges_active integer not null,
  long_previous_events integer not null,
  long_previous_usd double precision,
  long_change_pct double precision,
  long_percentile double precision check (long_percentile between 0 and 1),
  short_events integer not null,
  short_events_without_usd integer not null,
  short_events_without_notional_mark integer not null,
  short_usd double precision,
  short_notional_mark_usd double precision,
  short_quantity double precision,
  short_max_usd double precision,
  short_exchanges_active integer not null,
  short_previous_events integer not null,
  short_previous_usd double precision,
  short_change_pct double precision,
  short_percentile double precision check (short_percentile between 0 and 1),
  total_events integer not null,
  total_events_without_usd integer not null,
  total_events_without_notional_mark integer not null,
  total_usd double precision,
  total_notional_mark_usd double precision,
  total_quantity double precision,
  total_max_usd double precision,
  total_exchanges_active integer not null,
  total_previous_events integer not null,
  total_previous_usd double precision,
  total_change_pct double precision,
  total_percentile double precision check (total_percentile between 0 and 1),
  coverage jsonb not null,
  gaps jsonb not null,
  primary key (minute, symbol, "window")
);

create index if not exists liquidation_analytics_symbol_time on public.liquidation_analytics (symbol, "window", minute);

alter table public.liquidation_analytics enable row level security;
drop policy if exists liquidation_analytics_read on public.liquidation_analytics;
create policy liquidation_analytics_read on public.liquidation_analytics for select to authenticated using (true);
drop policy if exists liquidation_analytics_service on public.liquidation_analytics;
create policy liquidation_analytics_service on public.liquidation_analytics for all to service_role using (true) with check (true);

revoke all on public.liquidation_analytics from public, anon, authenticated, service_role;
grant select on public.liquidation_analytics to authenticated;
grant select, insert, update, delete on public.liquidation_analytics to service_role;

comment on table public.liquidation_analytics is 'One row per minute, symbol and window: totals over [window_start, window_end) by event time, all venues.';
comment on column public.liquidation_analytics.minute is 'The scheduled minute the statistics were computed for.';
comment on column public.liquidation_analytics.symbol is 'Base asset.';
comment on column public.liquidation_analytics."window" is 'Length of the window, such as 15m, 1h, 4h or 24h.';
comment on column public.liquidation_analytics.window_start is 'First moment of the window, inclusive.';
comment on column public.liquidation_analytics.window_end is 'End of the window, exclusive: the minute less the seconds left for late frames.';
comment on column public.liquidation_analytics.long_events is 'Longs: liquidations.';
comment on column public.liquidation_analytics.long_events_without_usd is 'Longs: liquidations that the sum of usd lacks.';
comment on column public.liquidation_analytics.long_events_without_notional_mark is 'Longs: liquidations that the sum of notional_mark_usd lacks.';
comment on column public.liquidation_analytics.long_usd is 'Longs: sum of usd_value; null where none is known.';
comment on column public.liquidation_analytics.long_notional_mark_usd is 'Longs: sum of notional_mark_usd; null where none is known.';
comment on column public.liquidation_analytics.long_quantity is 'Longs: sum of quantity in base units; null where none is known.';
comment on column public.liquidation_analytics.long_max_usd is 'Longs: largest usd_value; null where there was none.';
comment on column public.liquidation_analytics.long_exchanges_active is 'Longs: venues with at least one liquidation.';
comment on column public.liquidation_analytics.long_previous_events is 'Longs: liquidations of the window of the same length just before.';
comment on column public.liquidation_analytics.long_previous_usd is 'Longs: sum of usd_value over the window of the same length just before; null where none is known.';
comment on column public.liquidation_analytics.long_change_pct is 'Longs: change of usd against previous_usd in percent; null where previous_usd is 0 or unknown.';
comment on column public.liquidation_analytics.long_percentile is 'Longs: share of the same-length windows of the last 7 days with less usd, 0 to 1; null under 24 h of history.';
comment on column public.liquidation_analytics.short_events is 'Shorts: liquidations.';
comment on column public.liquidation_analytics.short_events_without_usd is 'Shorts: liquidations that the sum of usd lacks.';
comment on column public.liquidation_analytics.short_events_without_notional_mark is 'Shorts: liquidations that the sum of notional_mark_usd lacks.';
comment on column public.liquidation_analytics.short_usd is 'Shorts: sum of usd_value; null where none is known.';
comment on column public.liquidation_analytics.short_notional_mark_usd is 'Shorts: sum of notional_mark_usd; null where none is known.';
comment on column public.liquidation_analytics.short_quantity is 'Shorts: sum of quantity in base units; null where none is known.';
comment on column public.liquidation_analytics.short_max_usd is 'Shorts: largest usd_value; null where there was none.';
comment on column public.liquidation_analytics.short_exchanges_active is 'Shorts: venues with at least one liquidation.';
comment on column public.liquidation_analytics.short_previous_events is 'Shorts: liquidations of the window of the same length just before.';
comment on column public.liquidation_analytics.short_previous_usd is 'Shorts: sum of usd_value over the window of the same length just before; null where none is known.';
comment on column public.liquidation_analytics.short_change_pct is 'Shorts: change of usd against previous_usd in percent; null where previous_usd is 0 or unknown.';
comment on column public.liquidation_analytics.short_percentile is 'Shorts: share of the same-length windows of the last 7 days with less usd, 0 to 1; null under 24 h of history.';
comment on column public.liquidation_analytics.total_events is 'Both sides: liquidations.';
comment on column public.liquidation_analytics.total_events_without_usd is 'Both sides: liquidations that the sum of usd lacks.';
comment on column public.liquidation_analytics.total_events_without_notional_mark is 'Both sides: liquidations that the sum of notional_mark_usd lacks.';
comment on column public.liquidation_analytics.total_usd is 'Both sides: sum of usd_value; null where none is known.';
comment on column public.liquidation_analytics.total_notional_mark_usd is 'Both sides: sum of notional_mark_usd; null where none is known.';
comment on column public.liquidation_analytics.total_quantity is 'Both sides: sum of quantity in base units; null where none is known.';
comment on column public.liquidation_analytics.total_max_usd is 'Both sides: largest usd_value; null where there was none.';
comment on column public.liquidation_analytics.total_exchanges_active is 'Both sides: venues with at least one liquidation.';
comment on column public.liquidation_analytics.total_previous_events is 'Both sides: liquidations of the window of the same length just before.';
comment on column public.liquidation_analytics.total_previous_usd is 'Both sides: sum of usd_value over the window of the same length just before; null where none is known.';
comment on column public.liquidation_analytics.total_change_pct is 'Both sides: change of usd against previous_usd in percent; null where previous_usd is 0 or unknown.';
comment on column public.liquidation_analytics.total_percentile is 'Both sides: share of the same-length windows of the last 7 days with less usd, 0 to 1; null under 24 h of history.';
comment on column public.liquidation_analytics.coverage is 'Per venue, what share of its liquidations its feed carries, as JSON object.';
comment on column public.liquidation_analytics.gaps is 'Stretches inside the window in which a venue was not heard, as JSON array; times in ms.';

notify pgrst, 'reload schema';
