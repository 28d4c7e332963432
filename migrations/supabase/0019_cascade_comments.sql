-- What the fields of clusters, score and burst say since 2026-11-28.
comment on column public.liquidation_events.branching_ratio is 'Clustering of the symbol and side over the last 24 h: the mean number of liquidations that one is followed by beyond the base rate, of an exponential Hawkes fit (Hawkes 1971; Filimonov & Sornette 2012) to the venues that report all, with a base rate free in each 15 min. Null with fewer than 200 events or where the fit does not settle.';
comment on column public.liquidation_events.cascade_score is 'Cascade score, 0 to 100, of the kind in score_kind: 100·x / (1 + x), where x is the velocity over its median × √(events in the last minute over their median), medians over the liquidations of the symbol and side in the last 7 days. 50 is like the median liquidation.';
comment on column public.liquidation_events.burst_age_ms is 'Age of the running burst: t minus its first event on any venue, ms. Events of the same symbol and side at most 10 s apart form one burst; within a cascade the burst begins with it.';
comment on column public.liquidation_events.cross_exchange_lag_ms is 'Lag of this venue in the running burst (see burst_age_ms), ms: its first event minus the first one elsewhere, negative where this venue led. Null while no other venue has one.';

notify pgrst, 'reload schema';
