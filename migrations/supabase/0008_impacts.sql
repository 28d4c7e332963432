-- What the mark price did after an event is known a minute after its row was stored.

create or replace function public.liquidation_set_impacts(impacts jsonb) returns integer
language plpgsql security invoker set search_path = '' set statement_timeout = '15s'
as $$
declare
  changed integer;
begin
  -- The time as well as the id: it names the partition. A known value stays where another telling does not know it.
  update public.liquidation_events as e
  set impact_1s_bps = coalesce(told.impact_1s_bps, e.impact_1s_bps),
      impact_5s_bps = coalesce(told.impact_5s_bps, e.impact_5s_bps),
      impact_60s_bps = coalesce(told.impact_60s_bps, e.impact_60s_bps)
  from jsonb_to_recordset(impacts) as told(
    event_id text,
    event_time timestamptz,
    impact_1s_bps double precision,
    impact_5s_bps double precision,
    impact_60s_bps double precision
  )
  where e.event_id = told.event_id and e.event_time = told.event_time;
  get diagnostics changed = row_count;
  return changed;
end
$$;

comment on function public.liquidation_set_impacts(jsonb) is
  'Adds impact_1s_bps, impact_5s_bps and impact_60s_bps to events named by event_id and event_time; returns how many were found.';

revoke all on function public.liquidation_set_impacts(jsonb) from public, anon, authenticated;
grant execute on function public.liquidation_set_impacts(jsonb) to service_role;

notify pgrst, 'reload schema';
