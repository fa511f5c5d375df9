/**
 * The tables of human review.
 *
 *     streams, streamers ─ what the platform told of them
 *     incidents ─ 1:n frames, leases, decisions; each decision has one outbox row
 *     users ─ 1:n sessions, skips, reveals; api_keys stand for machines
 *     activity ─ append-only: a trigger refuses every change
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table users (
      id uuid primary key default gen_random_uuid(),
      subject text not null unique,
      name text not null,
      role text not null check (role in ('viewer', 'moderator', 'lead', 'admin')),
      scopes text[] not null default '{}',
      preferences jsonb not null default '{}',
      created_at timestamptz not null default now(),
      disabled_at timestamptz
    );

    create table sessions (
      hash bytea primary key,
      user_id uuid not null references users,
      csrf text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    );

    create table api_keys (
      id uuid primary key default gen_random_uuid(),
      name text not null,
      hash bytea not null unique,
      scopes text[] not null,
      created_by uuid references users,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      last_used_at timestamptz,
      revoked_at timestamptz
    );

    create table streams (
      stream_id text primary key,
      live boolean not null default true,
      viewers integer,
      title text,
      streamer_id text,
      started_at timestamptz,
      ended_at timestamptz,
      last_seen_at timestamptz not null
    );
    create index streams_of_streamer on streams (streamer_id) where streamer_id is not null;

    create table streamers (
      streamer_id text primary key,
      confirmed integer not null default 0,
      dismissed integer not null default 0
    );

    create table incidents (
      id bigint generated always as identity primary key,
      stream_id text not null references streams,
      category text not null,
      kind text not null check (kind in ('flagged', 'sampled')),
      severity text not null check (severity in ('low', 'medium', 'high', 'severe')),
      state text not null default 'open' check (state in ('open', 'assigned', 'escalated', 'closed')),
      joinable boolean not null,
      opened_at timestamptz not null,
      last_flagged_at timestamptz not null,
      first_captured_at timestamptz not null,
      target_at timestamptz not null,
      frame_count integer not null,
      flagged_count integer not null,
      peak_score real not null,
      model text not null,
      model_version text not null,
      policy_version text not null,
      priority real not null,
      priority_terms jsonb not null,
      linked_to bigint references incidents,
      escalated_at timestamptz,
      escalated_by uuid references users,
      escalation_note text,
      assigned_to uuid references users,
      assigned_until timestamptz,
      reopened_count integer not null default 0,
      closed_at timestamptz,
      legal_hold boolean not null default false,
      evidence_swept_through integer not null default 0,
      changed_at timestamptz not null default now()
    );
    create unique index incidents_joinable on incidents (stream_id, category) where joinable;
    create index incidents_waiting on incidents (priority desc, id) where state in ('open', 'escalated');
    create index incidents_assigned on incidents (assigned_to) where assigned_to is not null;
    create index incidents_not_closed on incidents (state, priority desc, id) where state <> 'closed';
    create index incidents_by_stream on incidents (stream_id, id desc);
    create index incidents_by_opening on incidents (opened_at);
    create index incidents_changed on incidents (changed_at);
    create index incidents_closed on incidents (closed_at) where state = 'closed';
    create index incidents_linked on incidents (linked_to) where linked_to is not null;
    create index incidents_with_evidence on incidents (kind, severity, closed_at)
      where state = 'closed' and not legal_hold and evidence_swept_through < frame_count;

    create table frames (
      capture_id text primary key,
      incident_id bigint not null references incidents,
      number integer not null,
      kind text not null check (kind in ('flagged', 'sampled', 'context', 'before')),
      captured_at timestamptz not null,
      score real,
      findings jsonb not null default '[]',
      scores jsonb not null default '[]',
      policy_version text not null,
      image_uri text,
      evidence text,
      thumbnail text,
      width integer,
      height integer,
      received_at timestamptz,
      decided_at timestamptz not null,
      arrived_at timestamptz not null default now(),
      evidence_deleted_at timestamptz
    );
    create unique index frames_of_incident on frames (incident_id, number);

    create table discarded_evidence (
      ref text primary key,
      capture_id text not null,
      discarded_at timestamptz not null
    );

    create table leases (
      token bigint generated always as identity primary key,
      incident_id bigint not null references incidents,
      user_id uuid not null references users,
      slot text not null check (slot in ('current', 'standby')),
      granted_at timestamptz not null,
      shown_at timestamptz,
      expires_at timestamptz not null,
      ended_at timestamptz,
      ended_by text check (ended_by in ('decided', 'escalated', 'skipped', 'released', 'expired', 'taken-over', 'swapped')),
      check ((ended_at is null) = (ended_by is null))
    );
    create unique index leases_live on leases (incident_id) where ended_at is null;
    create unique index leases_of_user on leases (user_id, slot) where ended_at is null;
    create index leases_ended on leases (ended_at) where ended_at is not null;
    create index leases_handled on leases (user_id, ended_at desc) where ended_by in ('decided', 'escalated');
    create index leases_expiring on leases (expires_at) where ended_at is null;

    create table skips (
      user_id uuid not null references users,
      incident_id bigint not null references incidents,
      reason text not null,
      until timestamptz not null,
      primary key (user_id, incident_id)
    );

    create table decisions (
      id uuid primary key default gen_random_uuid(),
      incident_id bigint not null references incidents,
      lease_token bigint not null references leases,
      user_id uuid not null references users,
      outcome text not null check (outcome in ('no-violation', 'violation')),
      category text,
      action text,
      note text not null default '',
      seen_through integer not null,
      without_picture boolean not null default false,
      bulk boolean not null default false,
      handling_ms integer,
      decided_at timestamptz not null,
      send_at timestamptz not null,
      undone_at timestamptz,
      superseded_at timestamptz,
      changed_at timestamptz not null default now(),
      check ((outcome = 'violation') = (category is not null))
    );
    create unique index decisions_one_per_lease on decisions (lease_token);
    create unique index decisions_standing on decisions (incident_id)
      where undone_at is null and superseded_at is null;
    create index decisions_of_incident on decisions (incident_id);
    create index decisions_changed on decisions (changed_at);
    create index decisions_by_time on decisions (decided_at);
    create index decisions_by_user on decisions (user_id, decided_at desc);

    create table outbox (
      id bigint generated always as identity primary key,
      decision_id uuid not null unique references decisions,
      stream_id text not null,
      payload jsonb not null,
      send_at timestamptz not null,
      sent_at timestamptz,
      cancelled_at timestamptz
    );
    create index outbox_pending on outbox (send_at, id) where sent_at is null and cancelled_at is null;

    create table replies (
      actor text not null,
      key text not null,
      request_hash bytea not null,
      status integer not null,
      body jsonb not null,
      at timestamptz not null default now(),
      primary key (actor, key)
    );
    create index replies_by_time on replies (at);

    create table reveals (
      id bigint generated always as identity primary key,
      user_id uuid not null references users,
      incident_id bigint not null references incidents,
      capture_id text not null,
      severity text not null,
      ms integer not null,
      at timestamptz not null
    );
    create index reveals_of_user on reveals (user_id, at desc);

    create table settings (
      name text primary key,
      value jsonb not null,
      version integer not null,
      changed_by uuid references users,
      changed_at timestamptz not null default now()
    );

    create table activity (
      id bigint generated always as identity primary key,
      at timestamptz not null default now(),
      actor text not null,
      kind text not null,
      incident_id bigint,
      stream_id text,
      details jsonb not null default '{}'
    );
    create index activity_of_incident on activity (incident_id, id) where incident_id is not null;
    create index activity_by_time on activity (at, id);
    create function refuse_change() returns trigger language plpgsql as $$
      begin raise exception 'the activity log is append-only'; end $$;
    create trigger activity_append_only before update or delete or truncate on activity
      for each statement execute function refuse_change();
  `)
    .execute(db);
}
