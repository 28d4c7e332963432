-- A venue is told by the form of its name, not by a list: adding one needs no change here.
--
-- Partitions made by create_partition hold copies of the old checks that are their own, so each is dropped by name
-- once the parent's is gone. The new ones come to every partition from the parent.

do $$
declare
  name regclass;
begin
  for name in
    select 'public.liquidation_events'::regclass
    union all
    select inhrelid::regclass from pg_catalog.pg_inherits where inhparent = 'public.liquidation_events'::regclass
  loop
    execute format('alter table %s drop constraint if exists liquidation_events_exchange_check', name);
    execute format('alter table %s drop constraint if exists liquidation_events_dominant_exchange_check', name);
  end loop;
end
$$;

alter table public.liquidation_events
  add constraint liquidation_events_exchange_check check (exchange ~ '^[a-z][a-z0-9]+$'),
  add constraint liquidation_events_dominant_exchange_check check (dominant_exchange ~ '^[a-z][a-z0-9]+$');

comment on column public.liquidation_events.price_kind is 'Kind of price: average_fill is the average fill of the closing order, bankruptcy the bankruptcy price of the position, liquidation_mark the mark price of the liquidation, acquired the price at which the venue took over the position, mark the mark price where the venue gave none.';
comment on column public.liquidation_events.order_type is 'Type of the closing order, such as LIMIT; null where the venue does not report it.';
comment on column public.liquidation_events.time_in_force is 'Time in force of the closing order, such as IOC; null where the venue does not report it.';
comment on column public.liquidation_events.order_status is 'Status of the closing order, such as FILLED; null where the venue does not report it.';
comment on column public.liquidation_events.average_price is 'Average fill price of the closing order; null where the venue does not report it.';
comment on column public.liquidation_events.limit_price is 'Limit price of the closing order; null where the venue does not report it.';
comment on column public.liquidation_events.last_filled_quantity is 'Last filled quantity of the closing order in base units; null where the venue does not report it.';
comment on column public.liquidation_events.bankruptcy_loss is 'Bankruptcy loss; null where the venue does not report it.';

notify pgrst, 'reload schema';
