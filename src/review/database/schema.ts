/** The tables as Kysely sees them. Times are `timestamptz`; ids of incidents, leases and log lines are numbers. */
import type { ColumnType, Generated, JSONColumnType, Selectable } from "kysely";
import type { ModelScores } from "../../capture/scores.ts";
import type { Finding, Severity } from "../../capture/verdict.ts";
import type { Role, Scope } from "../access/roles.ts";
import type { DecisionMessage } from "../contract/decision.ts";
import type { LeaseEnd, Slot } from "../contract/hold.ts";
import type { FrameKind, IncidentKind, IncidentState, PriorityTerm } from "../contract/incident.ts";
import type { Preferences } from "../contract/me.ts";

/** A jsonb column: read as a value, written as its JSON text. */
type Json<Value extends object | null> = JSONColumnType<Value, string, string>;
type Identity = ColumnType<number, never, never>;
type Defaulted<Value> = Generated<Value>;

export interface Database {
  users: {
    id: Defaulted<string>;
    subject: string;
    name: string;
    role: Role;
    scopes: Defaulted<Scope[]>;
    preferences: ColumnType<Partial<Preferences>, string | undefined, string>;
    created_at: Defaulted<Date>;
    disabled_at: Date | null;
  };
  sessions: {
    hash: Buffer;
    user_id: string;
    csrf: string;
    created_at: Defaulted<Date>;
    expires_at: Date;
  };
  api_keys: {
    id: Defaulted<string>;
    name: string;
    hash: Buffer;
    scopes: Scope[];
    created_by: string | null;
    created_at: Defaulted<Date>;
    expires_at: Date;
    last_used_at: Date | null;
    revoked_at: Date | null;
  };
  streams: {
    stream_id: string;
    live: Defaulted<boolean>;
    viewers: number | null;
    title: string | null;
    streamer_id: string | null;
    started_at: Date | null;
    ended_at: Date | null;
    last_seen_at: Date;
  };
  streamers: { streamer_id: string; confirmed: Defaulted<number>; dismissed: Defaulted<number> };
  incidents: {
    id: Identity;
    stream_id: string;
    category: string;
    kind: IncidentKind;
    severity: Severity;
    state: Defaulted<IncidentState>;
    /** Whether further flagged frames of the stream and category join it; at most one such incident each. */
    joinable: boolean;
    opened_at: Date;
    last_flagged_at: Date;
    first_captured_at: Date;
    target_at: Date;
    /** Frames that have come; the number of the newest. */
    frame_count: number;
    flagged_count: number;
    peak_score: number;
    model: string;
    model_version: string;
    policy_version: string;
    priority: number;
    priority_terms: Json<PriorityTerm[]>;
    linked_to: number | null;
    escalated_at: Date | null;
    escalated_by: string | null;
    escalation_note: string | null;
    /** Offered to this person alone until `assigned_until`. */
    assigned_to: string | null;
    assigned_until: Date | null;
    reopened_count: Defaulted<number>;
    closed_at: Date | null;
    legal_hold: Defaulted<boolean>;
    /** Retention has deleted the pictures of the frames up to this number. */
    evidence_swept_through: Defaulted<number>;
    changed_at: Defaulted<Date>;
  };
  frames: {
    capture_id: string;
    incident_id: number;
    /** 1, 2, … in order of arrival at the incident, given under its row lock: a lower one never comes later. */
    number: number;
    kind: FrameKind;
    captured_at: Date;
    /** The score that the curve shows: of the incident's category; null when it is not known. */
    score: number | null;
    findings: Json<Finding[]>;
    scores: Json<ModelScores[]>;
    policy_version: string;
    image_uri: string | null;
    evidence: string | null;
    thumbnail: string | null;
    width: number | null;
    height: number | null;
    received_at: Date | null;
    /** When the pipeline gave its verdict. */
    decided_at: Date;
    arrived_at: Defaulted<Date>;
    evidence_deleted_at: Date | null;
  };
  /** Pictures that came with a verdict which no incident took: the sweep deletes them. */
  discarded_evidence: { ref: string; capture_id: string; discarded_at: Date };
  leases: {
    /** The fencing token. */
    token: Identity;
    incident_id: number;
    user_id: string;
    slot: Slot;
    granted_at: Date;
    shown_at: Date | null;
    expires_at: Date;
    ended_at: Date | null;
    ended_by: LeaseEnd | null;
  };
  skips: { user_id: string; incident_id: number; reason: string; until: Date };
  decisions: {
    id: Defaulted<string>;
    incident_id: number;
    lease_token: number;
    user_id: string;
    outcome: "no-violation" | "violation";
    category: string | null;
    action: string | null;
    note: Defaulted<string>;
    seen_through: number;
    without_picture: Defaulted<boolean>;
    bulk: Defaulted<boolean>;
    handling_ms: number | null;
    decided_at: Date;
    send_at: Date;
    undone_at: Date | null;
    /** The incident was reopened: the decision has left, and another one will replace it. */
    superseded_at: Date | null;
    changed_at: Defaulted<Date>;
  };
  outbox: {
    id: Identity;
    decision_id: string;
    stream_id: string;
    payload: Json<DecisionMessage>;
    send_at: Date;
    sent_at: Date | null;
    cancelled_at: Date | null;
  };
  /** First answers to requests that carried an Idempotency-Key. */
  replies: {
    actor: string;
    key: string;
    request_hash: Buffer;
    status: number;
    body: Json<object>;
    at: Defaulted<Date>;
  };
  reveals: {
    id: Identity;
    user_id: string;
    incident_id: number;
    capture_id: string;
    severity: Severity;
    ms: number;
    at: Date;
  };
  settings: {
    name: string;
    value: Json<object>;
    version: number;
    changed_by: string | null;
    changed_at: Defaulted<Date>;
  };
  activity: {
    id: Identity;
    at: ColumnType<Date, Date | undefined, never>;
    actor: string;
    kind: string;
    incident_id: number | null;
    stream_id: string | null;
    details: Json<Record<string, unknown>>;
  };
}

export type IncidentRow = Selectable<Database["incidents"]>;
export type FrameRow = Selectable<Database["frames"]>;
export type LeaseRow = Selectable<Database["leases"]>;
