-- Where Orleans' ADO.NET providers look up the statements they run: by key, once, at start.
-- Runs any number of times.
CREATE TABLE IF NOT EXISTS OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText text NOT NULL);
