-- What few venues tell of the liquidated position, and whether the time is the venue's own; null in rows of before.
alter table public.liquidation_events
  add column if not exists time_kind text check (time_kind in ('venue', 'receipt')),
  add column if not exists venue_entry_price double precision,
  add column if not exists venue_leverage double precision,
  add column if not exists venue_position_quantity double precision;

-- The kinds of price and coverage that further venues bring. As in 0012, partitions hold copies of the old checks that are
-- their own.
do $$
declare
  name regclass;
begin
  for name in
    select 'public.liquidation_events'::regclass
    union all
    select inhrelid::regclass from pg_catalog.pg_inherits where inhparent = 'public.liquidation_events'::regclass
  loop
    execute format('alter table %s drop constraint if exists liquidation_events_price_kind_check', name);
    execute format('alter table %s drop constraint if exists liquidation_events_coverage_check', name);
  end loop;
end
$$;

alter table public.liquidation_events
  add constraint liquidation_events_price_kind_check
    check (price_kind in ('average_fill', 'bankruptcy', 'liquidation_mark', 'acquired', 'mark', 'order', 'fill')),
  add constraint liquidation_events_coverage_check
    check (coverage in ('all_reported', 'largest_per_second', 'largest_per_side_second', 'sampled', 'unknown', 'inferred', 'none'));

comment on column public.liquidation_events.event_time is 'Time of the liquidation, of the kind in time_kind: according to the venue, unless the venue gives none.';
comment on column public.liquidation_events.time_kind is 'Kind of event_time: venue is the venue''s own time, receipt the time at which the frame reached the collector, where the venue gives none. Null before schema_version 3, when it always was the venue''s.';
comment on column public.liquidation_events.price_kind is 'Kind of price: average_fill is the average fill of the closing order, bankruptcy the bankruptcy price of the position, liquidation_mark the mark price of the liquidation, acquired the price at which the venue took over the position, mark the mark price where the venue gave none, order the price of the closing order, fill the price of a single fill.';
comment on column public.liquidation_events.venue_entry_price is 'Average entry price of the liquidated position, in quote per base unit; null where the venue does not report it, or before schema_version 3.';
comment on column public.liquidation_events.venue_leverage is 'Leverage of the liquidated position: its value over its initial margin; null where the venue does not report it, or before schema_version 3.';
comment on column public.liquidation_events.venue_position_quantity is 'Size of the position before this liquidation, in base units; null where the venue does not report it, or before schema_version 3.';

notify pgrst, 'reload schema';
