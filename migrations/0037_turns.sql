-- Why a decision is asked for: a spike, an escalation of one within its cool-down, or the turn of its flush. A spike of before
-- is a spike, and its flush is not followed.
ALTER TABLE spikes ADD COLUMN kind TEXT NOT NULL DEFAULT 'spike' CHECK (kind IN ('spike', 'escalation', 'turn'));
-- The side whose flush may turn; null where neither dominates, or the flush has turned already.
ALTER TABLE spikes ADD COLUMN side TEXT;

-- The same in the ledger; null in a record of before, whose hash does not cover it.
ALTER TABLE signals ADD COLUMN "trigger" TEXT;
