-- The forecasts of cascades of one UTC day that one model made live, with what came true: one row a day and model.
CREATE TABLE cascade_forecast_days (
  -- Start of the day, ms.
  day INTEGER NOT NULL,
  model_hash TEXT NOT NULL,
  -- JSON of GradedDay in src/cascade-forecast/graded-day.ts: counts by probability, lead times, alarms with their outcomes.
  graded TEXT NOT NULL,
  updated_time INTEGER NOT NULL,
  PRIMARY KEY (day, model_hash)
) STRICT, WITHOUT ROWID;
