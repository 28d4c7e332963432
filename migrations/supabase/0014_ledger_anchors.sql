-- The last record of the ledger at the end of each UTC day. Rows can only be added, also with the service key.

create table if not exists public.liquidation_ledger_anchors (
  date date primary key,
  sequence bigint not null check (sequence >= 0),
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  anchored_time timestamptz not null
);

alter table public.liquidation_ledger_anchors enable row level security;
drop policy if exists liquidation_ledger_anchors_read on public.liquidation_ledger_anchors;
create policy liquidation_ledger_anchors_read on public.liquidation_ledger_anchors for select to authenticated using (true);
drop policy if exists liquidation_ledger_anchors_service on public.liquidation_ledger_anchors;
create policy liquidation_ledger_anchors_service on public.liquidation_ledger_anchors for all to service_role using (true) with check (true);

revoke all on public.liquidation_ledger_anchors from public, anon, authenticated, service_role;
grant select on public.liquidation_ledger_anchors to authenticated;
grant select, insert on public.liquidation_ledger_anchors to service_role;

comment on table public.liquidation_ledger_anchors is 'The last record of the ledger of decisions when a UTC day had ended. A ledger that does not contain it was cut or recomputed.';
comment on column public.liquidation_ledger_anchors.date is 'UTC date that had ended.';
comment on column public.liquidation_ledger_anchors.sequence is 'Sequence number of the last record; 0 while there was none.';
comment on column public.liquidation_ledger_anchors.hash is 'Hash of that record, hexadecimal; 64 zeros while there was none.';
comment on column public.liquidation_ledger_anchors.anchored_time is 'When the anchor was made.';

notify pgrst, 'reload schema';
