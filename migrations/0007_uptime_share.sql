-- Spikes that wait for their decision name the share of connected venue time as the code does. The ledger keeps its
-- inputs as they were sealed, under the old name too: their hashes cover it.
UPDATE spikes SET statistics = replace(statistics, 'heard_share"', 'uptime_share"') WHERE statistics IS NOT NULL;
