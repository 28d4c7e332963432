-- What each venue lists of the base assets that are collected, as its feed knows it. Replaced whenever the feed has read
-- the venue's table of contracts again.
CREATE TABLE listed_symbols (
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  -- JSON list of the venue's own names, those that trade and those that do not.
  trading TEXT NOT NULL,
  halted TEXT NOT NULL,
  PRIMARY KEY (symbol, exchange)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_symbols_by_exchange ON listed_symbols (exchange);

-- When the venue's table was read. A venue without a row has not been read yet.
CREATE TABLE symbol_lists (
  exchange TEXT NOT NULL PRIMARY KEY,
  loaded_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
