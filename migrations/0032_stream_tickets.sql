-- Tickets that open one live stream, each within a minute: a browser cannot send a key in a header. A ticket is deleted when
-- it is used, and its text is stored nowhere.
CREATE TABLE stream_tickets (
  ticket_hash TEXT PRIMARY KEY,
  -- public, admin or the id of an API key
  owner TEXT NOT NULL,
  expires_time INTEGER NOT NULL
) WITHOUT ROWID;
