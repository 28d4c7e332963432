-- The chain of grades. Rows can only be added, also with the service key.

create table if not exists public.liquidation_signal_grades (
  sequence bigint primary key check (sequence > 0),
  signal_id text not null,
  horizon text not null check (horizon in ('5m', '15m', '1h', '4h', '24h')),
  due_time timestamptz not null,
  version integer not null,
  graded_time timestamptz not null,
  problem text,
  exchange text check (exchange ~ '^[a-z][a-z0-9]+$'),
  samples integer,
  entry_time timestamptz,
  entry_price double precision,
  exit_time timestamptz,
  exit_price double precision,
  forward_return_bps double precision,
  best_excursion_bps double precision,
  worst_excursion_bps double precision,
  fee_bps double precision,
  spread_bps double precision,
  impact_10k_bps double precision,
  impact_100k_bps double precision,
  impact_1m_bps double precision,
  cost_bps double precision,
  funding_bps double precision,
  net_return_bps double precision,
  rule_net_return_bps double precision,
  fade_net_return_bps double precision,
  follow_net_return_bps double precision,
  random_net_return_bps double precision,
  random_hit_rate double precision check (random_hit_rate between 0 and 1),
  random_draws integer,
  signal_hash text not null check (signal_hash ~ '^[0-9a-f]{64}$'),
  previous_hash text not null unique check (previous_hash ~ '^[0-9a-f]{64}$'),
  hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  unique (signal_id, horizon)
);

create index if not exists liquidation_signal_grades_time on public.liquidation_signal_grades (graded_time, sequence);

alter table public.liquidation_signal_grades enable row level security;
drop policy if exists liquidation_signal_grades_read on public.liquidation_signal_grades;
create policy liquidation_signal_grades_read on public.liquidation_signal_grades for select to authenticated using (true);
drop policy if exists liquidation_signal_grades_service on public.liquidation_signal_grades;
create policy liquidation_signal_grades_service on public.liquidation_signal_grades for all to service_role using (true) with check (true);

revoke all on public.liquidation_signal_grades from public, anon, authenticated, service_role;
grant select on public.liquidation_signal_grades to authenticated;
grant select, insert on public.liquidation_signal_grades to service_role;

comment on table public.liquidation_signal_grades is 'Outcomes of decisions, one per decision and horizon, in the order in which they were given. Each hash covers the grade before.';
comment on column public.liquidation_signal_grades.sequence is 'Place in the chain of grades: 1 for the first, without holes.';
comment on column public.liquidation_signal_grades.signal_id is 'Id of the decision.';
comment on column public.liquidation_signal_grades.horizon is 'Time between entry and grading.';
comment on column public.liquidation_signal_grades.due_time is 'Earliest time of the grading.';
comment on column public.liquidation_signal_grades.version is 'Version of the method.';
comment on column public.liquidation_signal_grades.graded_time is 'Time of the grading.';
comment on column public.liquidation_signal_grades.problem is 'Reason why the decision cannot be graded; null where it can be.';
comment on column public.liquidation_signal_grades.exchange is 'Venue whose marks the whole path is made of.';
comment on column public.liquidation_signal_grades.samples is 'Number of its mark prices in the minute of the entry.';
comment on column public.liquidation_signal_grades.entry_time is 'Minute of the entry.';
comment on column public.liquidation_signal_grades.entry_price is 'Mark price at entry.';
comment on column public.liquidation_signal_grades.exit_time is 'Minute of the exit.';
comment on column public.liquidation_signal_grades.exit_price is 'Mark price at exit.';
comment on column public.liquidation_signal_grades.forward_return_bps is 'Return of the mark price before cost, whatever the action.';
comment on column public.liquidation_signal_grades.best_excursion_bps is 'Largest gain of the position along the way before cost; for NOTHING, of a bought position.';
comment on column public.liquidation_signal_grades.worst_excursion_bps is 'Smallest gain, or largest loss, of the position along the way before cost; for NOTHING, of a bought position.';
comment on column public.liquidation_signal_grades.fee_bps is 'Two taker fees of the venue.';
comment on column public.liquidation_signal_grades.spread_bps is 'Half the spread at entry and half of it at exit; null where unknown.';
comment on column public.liquidation_signal_grades.impact_10k_bps is 'Market impact of an order of 10,000 USD by the square-root law; null where unknown.';
comment on column public.liquidation_signal_grades.impact_100k_bps is 'Market impact of an order of 100,000 USD; null where unknown.';
comment on column public.liquidation_signal_grades.impact_1m_bps is 'Market impact of an order of 1,000,000 USD; null where unknown.';
comment on column public.liquidation_signal_grades.cost_bps is 'Cost at 10,000 USD: fee_bps, spread_bps and impact_10k_bps as far as they are known.';
comment on column public.liquidation_signal_grades.funding_bps is 'Funding that a bought position paid over the path; null where unknown.';
comment on column public.liquidation_signal_grades.net_return_bps is 'Return of the action after cost and funding; null for NOTHING.';
comment on column public.liquidation_signal_grades.rule_net_return_bps is 'The same of the rule model''s action on the same input; null where that was NOTHING.';
comment on column public.liquidation_signal_grades.fade_net_return_bps is 'The same of trading against the forced flow; null where neither side dominated.';
comment on column public.liquidation_signal_grades.follow_net_return_bps is 'The same of trading with the forced flow; null where neither side dominated.';
comment on column public.liquidation_signal_grades.random_net_return_bps is 'Mean net return of the action at matched random times; null for NOTHING and with fewer than 20 draws.';
comment on column public.liquidation_signal_grades.random_hit_rate is 'Share of these random times with a return above zero, 0 to 1.';
comment on column public.liquidation_signal_grades.random_draws is 'Number of these random times; null for NOTHING.';
comment on column public.liquidation_signal_grades.signal_hash is 'Hash of the decision''s record, hexadecimal.';
comment on column public.liquidation_signal_grades.previous_hash is 'hash of the grade before; 64 zeros for the first.';
comment on column public.liquidation_signal_grades.hash is 'SHA-256 of the canonical JSON of all other fields, hexadecimal.';

alter table public.liquidation_ledger_anchors
  add column if not exists grades_sequence bigint check (grades_sequence >= 0),
  add column if not exists grades_hash text check (grades_hash ~ '^[0-9a-f]{64}$');

comment on column public.liquidation_ledger_anchors.grades_sequence is 'Sequence number of the last grade; 0 while there was none, null in anchors from before grades were chained.';
comment on column public.liquidation_ledger_anchors.grades_hash is 'Hash of that grade, hexadecimal; 64 zeros while there was none.';

notify pgrst, 'reload schema';
