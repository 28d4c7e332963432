-- The ledger of decisions, NOTHING included. Rows are added, never changed: each hash covers the one before.

create table if not exists public.liquidation_signals (
  signal_id text primary key,
  created_time timestamptz not null,
  symbol text not null,
  "window" text not null check ("window" ~ '^[1-9][0-9]*[mhd]$'),
  action text not null check (action in ('BUY', 'SELL', 'NOTHING')),
  confidence double precision check (confidence between 0 and 100),
  calibrated_probability double precision check (calibrated_probability between 0 and 1),
  reason text not null,
  reason_code text,
  long_change_pct double precision,
  short_change_pct double precision,
  statistics jsonb not null,
  analyst text not null check (analyst in ('deepseek', 'rules')),
  model text,
  prompt_version text,
  rule_action text not null check (rule_action in ('BUY', 'SELL', 'NOTHING')),
  input_hash text not null,
  previous_hash text,
  hash text not null unique
);

create index if not exists liquidation_signals_symbol_time on public.liquidation_signals (symbol, created_time);
create index if not exists liquidation_signals_time on public.liquidation_signals (created_time, signal_id);

alter table public.liquidation_signals enable row level security;
drop policy if exists liquidation_signals_read on public.liquidation_signals;
create policy liquidation_signals_read on public.liquidation_signals for select to authenticated using (true);
drop policy if exists liquidation_signals_service on public.liquidation_signals;
create policy liquidation_signals_service on public.liquidation_signals for all to service_role using (true) with check (true);

revoke all on public.liquidation_signals from public, anon, authenticated, service_role;
grant select on public.liquidation_signals to authenticated;
grant select, insert, update, delete on public.liquidation_signals to service_role;

comment on table public.liquidation_signals is 'One row per decision of the signal agent, chained by hash so that a later edit shows.';
comment on column public.liquidation_signals.signal_id is 'Identity of the decision.';
comment on column public.liquidation_signals.created_time is 'When the decision was made.';
comment on column public.liquidation_signals.symbol is 'Base asset.';
comment on column public.liquidation_signals."window" is 'Length of the window that was compared, such as 15m.';
comment on column public.liquidation_signals.action is 'What was decided: BUY, SELL or NOTHING.';
comment on column public.liquidation_signals.confidence is '0 to 100, the analyst''s own word; null where there was none.';
comment on column public.liquidation_signals.calibrated_probability is 'Share of graded signals of like confidence that came true, 0 to 1; null until enough are graded.';
comment on column public.liquidation_signals.reason is 'The analyst''s reason in words.';
comment on column public.liquidation_signals.reason_code is 'Why a decision failed closed, where it did.';
comment on column public.liquidation_signals.long_change_pct is 'Change of long liquidations against the window before, percent.';
comment on column public.liquidation_signals.short_change_pct is 'Change of short liquidations against the window before, percent.';
comment on column public.liquidation_signals.statistics is 'The exact input of the decision, as JSON.';
comment on column public.liquidation_signals.analyst is 'Who decided: deepseek or rules.';
comment on column public.liquidation_signals.model is 'The model that answered; null for rules.';
comment on column public.liquidation_signals.prompt_version is 'Version of the prompt; null for rules.';
comment on column public.liquidation_signals.rule_action is 'What the rule model would have done on the same input.';
comment on column public.liquidation_signals.input_hash is 'SHA-256 of the input, hexadecimal.';
comment on column public.liquidation_signals.previous_hash is 'hash of the decision before; null for the first.';
comment on column public.liquidation_signals.hash is 'SHA-256 over this record and previous_hash, hexadecimal.';

notify pgrst, 'reload schema';
