-- What paper and the calibrated probability of a decision follow from. Null in both is a record of before: its hash does not
-- cover them.

alter table public.liquidation_signals
  add column if not exists wealth double precision check (wealth >= 0),
  add column if not exists grades_known integer check (grades_known >= 0);

comment on column public.liquidation_signals.wealth is 'Wealth of a bettor on the record of the analyst, model and prompt when the decision was made; paper ends at 20.';
comment on column public.liquidation_signals.grades_known is 'Number of the last grade of the chain that was known then; 0 for none.';

notify pgrst, 'reload schema';
