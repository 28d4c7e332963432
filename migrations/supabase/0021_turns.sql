-- Why a decision was asked for. Null is a record of before: its hash does not cover it.

alter table public.liquidation_signals
  add column if not exists trigger text check (trigger in ('spike', 'escalation', 'turn'));

comment on column public.liquidation_signals.trigger is 'Why a decision was asked for: spike, escalation (twice the USD of a spike within its cool-down) or turn (the flush of a spike is exhausted); null in earlier records.';

notify pgrst, 'reload schema';
