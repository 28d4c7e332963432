-- Monthly partitions of liquidation_events: the coming months ahead of time, past months when rows for them turn up.

create or replace function liquidation_internal.create_partition(month date) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  month_start constant timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
  month_end constant timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
  partition_name constant text := 'liquidation_events_' || to_char(month, 'YYYY_MM');
begin
  -- Writers wait while the month's rows change tables: a row that slipped into the default partition
  -- after the move would make the attachment fail.
  lock table liquidation_internal.liquidation_events_default in access exclusive mode;
  if to_regclass(format('liquidation_internal.%I', partition_name)) is not null then
    return false;
  end if;
  execute format('create table liquidation_internal.%I (like public.liquidation_events including all)', partition_name);
  execute format('alter table liquidation_internal.%I enable row level security', partition_name);
  execute format(
    'with moved as (
       delete from liquidation_internal.liquidation_events_default
       where event_time >= %1$L and event_time < %2$L
       returning *
     )
     insert into liquidation_internal.%3$I select * from moved',
    month_start, month_end, partition_name
  );
  execute format(
    'alter table public.liquidation_events attach partition liquidation_internal.%I for values from (%L) to (%L)',
    partition_name, month_start, month_end
  );
  return true;
end
$$;

comment on function liquidation_internal.create_partition(date) is
  'Creates the partition of the month that holds the date and moves its rows there from the default partition; false where it exists.';

-- The HTTP API's role may run for 8 s; PostgREST takes a longer limit from the function.
create or replace function public.liquidation_maintain_partitions(months_ahead integer default 3) returns integer
language plpgsql security definer set search_path = '' set statement_timeout = '120s'
as $$
declare
  this_month constant timestamp := date_trunc('month', now() at time zone 'UTC');
  last_month timestamp;
  month timestamp;
  created integer := 0;
begin
  if months_ahead is null or months_ahead not between 0 and 24 then
    raise exception 'months_ahead must be from 0 to 24, not %', months_ahead using errcode = '22023';
  end if;
  last_month := this_month + make_interval(months => months_ahead);
  for month in
    select series from generate_series(this_month, last_month, interval '1 month') as series
    union
    -- A time far in the future is a venue's mistake and stays in the default partition.
    select distinct date_trunc('month', event_time at time zone 'UTC')
    from liquidation_internal.liquidation_events_default
    where event_time >= '2010-01-01T00:00Z' and event_time < (last_month + interval '1 month') at time zone 'UTC'
    order by 1
  loop
    if to_regclass(format('liquidation_internal.%I', 'liquidation_events_' || to_char(month, 'YYYY_MM'))) is null
      and liquidation_internal.create_partition(month::date)
    then
      created := created + 1;
    end if;
  end loop;
  return created;
end
$$;

comment on function public.liquidation_maintain_partitions(integer) is
  'Creates the partitions of this month, the coming months and every past month with rows in the default partition; returns how many.';

revoke all on function liquidation_internal.create_partition(date) from public;
revoke all on function public.liquidation_maintain_partitions(integer) from public, anon, authenticated;
grant execute on function public.liquidation_maintain_partitions(integer) to service_role;

select public.liquidation_maintain_partitions();

notify pgrst, 'reload schema';
