-- What the model says of the price, and the rule model's whole verdict beside it. Null in all of them is a record of before:
-- its hash does not cover them.

alter table public.liquidation_signals
  add column if not exists record_version integer,
  add column if not exists p_up double precision check (p_up between 0 and 1),
  add column if not exists p_down double precision check (p_down between 0 and 1),
  add column if not exists p_up_deviation double precision,
  add column if not exists p_down_deviation double precision,
  add column if not exists samples_asked integer,
  add column if not exists samples_used integer,
  add column if not exists expected_net_bps double precision,
  add column if not exists rule_version text,
  add column if not exists rule_confidence double precision check (rule_confidence between 0 and 100),
  add column if not exists rule_probability double precision check (rule_probability between 0 and 1),
  add column if not exists rule_reason text;

comment on column public.liquidation_signals.record_version is 'Version of the record: which of its fields the hash covers; null in records of before, which lack the fields from here on.';
comment on column public.liquidation_signals.p_up is 'Probability that the price is higher by more than the cost after 1 h, as stated by the model, mean over its samples; null where it stated none.';
comment on column public.liquidation_signals.p_down is 'Probability that the price is lower by more than the cost after 1 h, as p_up.';
comment on column public.liquidation_signals.p_up_deviation is 'Standard deviation of p_up over the samples; null with fewer than two.';
comment on column public.liquidation_signals.p_down_deviation is 'Standard deviation of p_down over the samples; null with fewer than two.';
comment on column public.liquidation_signals.samples_asked is 'Number of times the model was asked.';
comment on column public.liquidation_signals.samples_used is 'Number of its usable replies.';
comment on column public.liquidation_signals.expected_net_bps is 'Expected return after cost of the better of BUY and SELL, bps; null without a forecast of the model.';
comment on column public.liquidation_signals.rule_version is 'Version of the rule model.';
comment on column public.liquidation_signals.rule_confidence is 'Confidence of the rule model on the same input, 0 to 100.';
comment on column public.liquidation_signals.rule_probability is 'Probability by the rule model that trading against the forced flow earns more than its cost; null where none was trained.';
comment on column public.liquidation_signals.rule_reason is 'Reason given by the rule model.';

notify pgrst, 'reload schema';
