-- What the ledger's hashes also cover: without these columns the chain could not be recomputed from here.

alter table public.liquidation_signals
  add column if not exists sequence bigint,
  add column if not exists minute timestamptz,
  add column if not exists paper boolean,
  add column if not exists invalidation text;

create unique index if not exists liquidation_signals_sequence on public.liquidation_signals (sequence);

comment on column public.liquidation_signals.sequence is 'Place in the ledger: 1 for the first, without a hole.';
comment on column public.liquidation_signals.minute is 'The scheduled minute the decision was due at.';
comment on column public.liquidation_signals.paper is 'True while the record of the analyst does not show skill: not to be acted on.';
comment on column public.liquidation_signals.invalidation is 'What would make the decision void, in the analyst''s words.';
comment on column public.liquidation_signals.previous_hash is 'hash of the decision before; 64 zeros for the first.';

notify pgrst, 'reload schema';
