-- Event ids in the order of their bytes, as the hot store has them: a list over both stores has one order.

alter table public.liquidation_events alter column event_id type text collate "C";

notify pgrst, 'reload schema';
