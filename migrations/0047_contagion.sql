-- Who triggers whom over the venues of a base asset: one fit a day. Times in ms.
CREATE TABLE contagion (
  symbol TEXT NOT NULL,
  -- End of the fitted window, a full day.
  end_time INTEGER NOT NULL,
  -- JSON, as GET /v1/contagion returns it.
  fit TEXT NOT NULL,
  PRIMARY KEY (symbol, end_time)
) STRICT, WITHOUT ROWID;
