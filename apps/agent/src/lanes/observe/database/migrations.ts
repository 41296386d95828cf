// The tables of the lane's database, as steps that are never edited once shipped (sensor-agent 10.2).
// Opening the file and running the steps is open.ts; each feature's store.ts reads and writes its own tables.

/** A step's place in this list plus one is the version the file then has. */
export const migrations: readonly string[] = [
  `
  create table inventory_item (
    surface text not null,
    item_id text not null,
    kind text not null,
    name text not null,
    version text,
    path text not null,
    origin text,
    detail text,
    installed_on_request integer,
    primary key (surface, item_id)
  ) strict, without rowid;

  create table surface (
    surface text primary key,
    is_baselined integer not null default 0,
    is_resnapshot_wanted integer not null default 0,
    state text not null default 'idle',
    started_ms integer,
    completed_ms integer,
    succeeded_ms integer,
    duration_ms integer,
    last_failure text,
    item_count integer not null default 0,
    issue_count integer not null default 0,
    added_count integer not null default 0,
    modified_count integer not null default 0,
    removed_count integer not null default 0
  ) strict;

  create table unreadable_path (
    surface text not null,
    path text not null,
    since_ms integer not null,
    primary key (surface, path)
  ) strict, without rowid;

  create table outbox_event (
    event_no integer primary key,
    event_id text not null unique,
    tenant_id text not null,
    device_id text not null,
    local_sequence integer not null,
    surface text not null,
    kind text not null,
    body text not null,
    observed_ms integer not null,
    collected_ms integer not null,
    payload blob not null,
    payload_bytes integer not null,
    payload_hash text not null,
    state text not null default 'pending',
    attempt_count integer not null default 0,
    next_attempt_ms integer not null default 0,
    first_sent_ms integer,
    verdict_code text,
    verdict_message text,
    updated_ms integer not null,
    unique (device_id, local_sequence)
  ) strict;
  create index outbox_event_by_state on outbox_event (device_id, state, local_sequence, next_attempt_ms, payload_bytes);

  -- The next number lives in a row of its own, so that pruning the outbox can never make it start again.
  create table outbox_sequence (
    device_id text primary key,
    next_sequence integer not null,
    last_acked_sequence integer not null default 0
  ) strict;

  create table note (
    name text primary key,
    value text not null
  ) strict, without rowid;
  `,
]
