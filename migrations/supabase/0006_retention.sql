-- Removes what is older than a number of days: whole months by dropping their partition, the rest row by row.

create or replace function public.liquidation_apply_retention(keep_days integer)
returns table (events_removed bigint, analytics_removed bigint)
language plpgsql security definer set search_path = '' set statement_timeout = '120s'
as $$
declare
  cutoff constant timestamptz := now() - make_interval(days => keep_days);
  partition_name text;
  removed bigint;
begin
  if keep_days is null or keep_days < 1 then
    raise exception 'keep_days must be at least 1, not %', keep_days using errcode = '22023';
  end if;
  events_removed := 0;
  for partition_name in
    select c.relname
    from pg_catalog.pg_inherits as i
    join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = 'public.liquidation_events'::regclass
      and c.relname ~ '^liquidation_events_[0-9]{4}_[0-9]{2}$'
      and (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' <= cutoff
  loop
    execute format('select count(*) from liquidation_internal.%I', partition_name) into removed;
    execute format('drop table liquidation_internal.%I', partition_name);
    events_removed := events_removed + removed;
  end loop;
  delete from public.liquidation_events where event_time < cutoff;
  get diagnostics removed = row_count;
  events_removed := events_removed + removed;
  delete from public.liquidation_analytics where minute < cutoff;
  get diagnostics analytics_removed = row_count;
  return next;
end
$$;

comment on function public.liquidation_apply_retention(integer) is
  'Removes events and analytics older than keep_days and says how many; signals are a ledger and stay.';

revoke all on function public.liquidation_apply_retention(integer) from public, anon, authenticated;
grant execute on function public.liquidation_apply_retention(integer) to service_role;

notify pgrst, 'reload schema';
