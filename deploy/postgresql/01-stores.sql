-- The three stores of a city, kept apart: a schema and a role for each, and no role that sees another's schema.
-- The login that the silos use (the one that runs this, or any other) is made a member of the three roles.
-- Runs any number of times.

DO $$
DECLARE store text;
BEGIN
  FOREACH store IN ARRAY ARRAY['devices', 'ingest', 'cells'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'citysafe_' || store) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', 'citysafe_' || store);
    END IF;
    EXECUTE format('GRANT %I TO CURRENT_USER', 'citysafe_' || store);
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', store, 'citysafe_' || store);
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', store);
  END LOOP;
END $$;

-- What carries a device: memberships, models and their weights.
SET ROLE citysafe_devices;
CREATE TABLE IF NOT EXISTS devices.states (grain text NOT NULL, name text NOT NULL, version bigint NOT NULL, state bytea NOT NULL, PRIMARY KEY (grain, name));
CREATE TABLE IF NOT EXISTS devices.blobs (hash text PRIMARY KEY, bytes bytea NOT NULL);
CREATE TABLE IF NOT EXISTS devices.probes (id integer PRIMARY KEY, times bigint NOT NULL);

-- What is on its way: rows without a device, and which messages of which keyed device were taken.
SET ROLE citysafe_ingest;
CREATE TABLE IF NOT EXISTS ingest.heads (part integer PRIMARY KEY, next bigint NOT NULL);
CREATE TABLE IF NOT EXISTS ingest.observations (part integer NOT NULL, at bigint NOT NULL, cell bigint NOT NULL, contribution bytea NOT NULL, PRIMARY KEY (part, at));
CREATE TABLE IF NOT EXISTS ingest.sequences (part integer NOT NULL, device bigint NOT NULL, taken bytea NOT NULL, tokens bytea NOT NULL, PRIMARY KEY (part, device));
CREATE TABLE IF NOT EXISTS ingest.probes (id integer PRIMARY KEY, times bigint NOT NULL);

-- What must never hear of either: cells, regions, the city; and reminders of the embedded runtime.
SET ROLE citysafe_cells;
CREATE TABLE IF NOT EXISTS cells.states (grain text NOT NULL, name text NOT NULL, version bigint NOT NULL, state bytea NOT NULL, PRIMARY KEY (grain, name));
CREATE TABLE IF NOT EXISTS cells.reminders (grain text NOT NULL, name text NOT NULL, hash bigint NOT NULL, start bigint NOT NULL, period bigint NOT NULL, version bigint NOT NULL, PRIMARY KEY (grain, name));
CREATE TABLE IF NOT EXISTS cells.probes (id integer PRIMARY KEY, times bigint NOT NULL);
RESET ROLE;
