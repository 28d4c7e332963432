-- The thresholds of stored cascades, under the names of today.
UPDATE cascades SET constants = replace(constants, '"least_events"', '"min_events"');
