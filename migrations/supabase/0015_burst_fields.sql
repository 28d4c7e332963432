-- Fields of schema version 2; null in rows of before.
alter table public.liquidation_events
  add column if not exists branching_ratio_se double precision,
  add column if not exists burst_age_ms integer;

comment on column public.liquidation_events.branching_ratio_se is 'Standard error of branching_ratio; a ratio within two of them of 0 shows no clustering. Null where branching_ratio is null.';
comment on column public.liquidation_events.burst_age_ms is 'Age of the running burst: t minus its first event on any venue, ms. Events of the same symbol and side at most 10 s apart form one burst.';
comment on column public.liquidation_events.cross_exchange_lag_ms is 'Lag of this venue in the running burst, ms: its first event minus the first one elsewhere, negative where this venue led. Null while no other venue has one.';

notify pgrst, 'reload schema';
