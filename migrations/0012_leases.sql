-- Jobs that only one run at a time may do. A run that ends without giving its lease up keeps others out until until_time.
CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  until_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
