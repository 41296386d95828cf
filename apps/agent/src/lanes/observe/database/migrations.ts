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
  `
  alter table surface add column event_count integer not null default 0;
  alter table surface add column finding_count integer not null default 0;
  alter table surface add column watch_path_count integer not null default 0;
  alter table surface add column last_watch_issue text;
  alter table surface add column last_watch_issue_ms integer;
  alter table surface add column resnapshot_ms integer not null default 0;

  -- Null for an inventory event; it says which findings go first when the outbox must shrink.
  alter table outbox_event add column severity text;

  create table change_event (
    event_id text primary key,
    at_ms integer not null,
    surface text not null,
    kind text not null,
    item_id text not null,
    item_name text not null,
    detail text not null
  ) strict, without rowid;
  create index change_event_by_time on change_event (at_ms, event_id);
  create index change_event_by_item on change_event (surface, item_id, at_ms, event_id);

  create table finding (
    finding_id text primary key,
    at_ms integer not null,
    surface text not null,
    item_id text not null,
    rule_id text not null,
    title text not null,
    rationale text not null,
    severity text not null,
    item_name text not null,
    path text not null,
    detail text,
    matched_field text,
    matched_value text
  ) strict, without rowid;
  create index finding_by_time on finding (at_ms, finding_id);
  create index finding_by_item on finding (surface, item_id, at_ms, finding_id);

  -- What rules about things that are there have told, so that pruning findings never makes them tell it again.
  create table told_finding (
    surface text not null,
    item_id text not null,
    rule_id text not null,
    rule_digest text not null,
    primary key (surface, item_id, rule_id)
  ) strict, without rowid;
  `,
  `
  -- Without the index of event ids, which lie at random places of it: a first scan wrote each of its pages many times.
  create table outbox_event_next (
    event_no integer primary key,
    event_id text not null,
    tenant_id text not null,
    device_id text not null,
    local_sequence integer not null,
    surface text not null,
    kind text not null,
    body text not null,
    severity text,
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
  insert into outbox_event_next (event_no, event_id, tenant_id, device_id, local_sequence, surface, kind, body, severity,
    observed_ms, collected_ms, payload, payload_bytes, payload_hash, state, attempt_count, next_attempt_ms, first_sent_ms,
    verdict_code, verdict_message, updated_ms)
  select event_no, event_id, tenant_id, device_id, local_sequence, surface, kind, body, severity,
    observed_ms, collected_ms, payload, payload_bytes, payload_hash, state, attempt_count, next_attempt_ms, first_sent_ms,
    verdict_code, verdict_message, updated_ms
  from outbox_event;
  drop table outbox_event;
  alter table outbox_event_next rename to outbox_event;
  create index outbox_event_by_state on outbox_event (device_id, state, local_sequence, next_attempt_ms, payload_bytes);
  `,
  `
  -- Whether whoever wants the whole inventory heard of no finding in it either.
  alter table surface add column is_introduction_wanted integer not null default 0;
  `,
]
