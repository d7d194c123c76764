/** The messages of /sync/v1 (version 1 of the protocol), as they are on the wire; see ../../PROTOCOL.md. */

export const SCHEMA = 1;

export type Scalar = string | number | boolean | null;
/** A row: flat, of strings, numbers and booleans. */
export type Doc = Record<string, Scalar>;

export type Op = 'insert' | 'intent' | 'patch' | 'delete';

/** One thing that the phone did. */
export interface Mutation {
  /** The idempotency key. */
  mid: string;
  /** The number on this device, without a gap; libraries that cannot count leave it out. */
  seq?: number;
  op: Op;
  c: string;
  id: string;
  /** With a patch: the version of the row that the user saw. */
  base?: number;
  set: Doc;
  hlc?: string;
  /** UTC milliseconds by the phone's clock; `mono` milliseconds since the start named by `boot`. */
  wall?: number;
  mono?: number;
  boot?: string;
  schema: number;
}

export type ResultKind = 'applied' | 'merged' | 'duplicate' | 'conflict' | 'rejected_kept' | 'held';

/** Both values of a field where one gave way. */
export interface Kept {
  server?: Scalar;
  device?: Scalar;
  why: string;
}

export interface PushResult {
  mid: string;
  result: ResultKind;
  /** What a `duplicate` was when it was first seen. */
  first?: ResultKind;
  /** The row's version after the mutation. */
  v?: number;
  /** The row as it is now; absent if there is none to show. */
  doc?: Doc | null;
  why?: string;
  kept?: Record<string, Kept>;
  need_from?: number;
  /** The office's card about it. */
  conflict?: string;
}

/** The phone's clocks at one moment: with them the server tells when things happened, whatever the wall clock says. */
export interface Instant {
  wall: number;
  mono: number;
  boot: string;
}

export interface PushRequest {
  epoch: string;
  sent?: Instant;
  mutations: Mutation[];
}

export interface PushAnswer {
  epoch?: string;
  results: PushResult[];
  acked_seq?: number;
  server_time?: number;
}

export interface PullRequest {
  cursor: number;
  limit?: number;
  collections?: string[];
  schema: number;
}

export interface Change {
  c: string;
  id: string;
  /** `remove`: no longer yours. `delete`: gone for everybody. */
  op: 'put' | 'remove' | 'delete';
  v?: number;
  doc?: Doc;
}

export interface PullPage {
  epoch: string;
  cursor: number;
  more: boolean;
  acked_seq?: number;
  server_time: number;
  changes: Change[];
}

export interface EnrolRequest {
  device_id: string;
  platform: string;
  app_version: string;
  /** From the office, instead of a session. */
  code?: string;
  schema: number;
}

export interface Limits {
  push_mutations?: number;
  body_bytes?: number;
  page_limit?: number;
  mutation_bytes?: number;
}

export interface Enrolment {
  token: string;
  epoch: string;
  server_time: number;
  limits?: Limits;
  policy?: { engineer_id?: string; keep_acked_days?: number };
}

export interface Status {
  epoch: string;
  acked_seq: number;
  held: number;
  open_conflicts: number;
  server_time: number;
}

/** What every server takes at least. */
export const LIMITS: Required<Limits> = {
  push_mutations: 1_000,
  body_bytes: 8_388_608,
  page_limit: 1_000,
  mutation_bytes: 262_144,
};

/** What became of a mutation, whenever it was that it did. */
export const outcome = (result: PushResult): ResultKind =>
  result.result === 'duplicate' ? (result.first ?? 'applied') : result.result;

/** It was stored and did not take effect as meant. */
export const isRefused = (result: PushResult): boolean => ['conflict', 'rejected_kept'].includes(outcome(result));

/** Somebody has to look at it. */
export const needsYou = (result: PushResult): boolean => isRefused(result) || result.conflict !== undefined;

/** A whole-request refusal, or no answer (status 0): the queue stays as it is. */
export class SyncError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** Milliseconds that the server asked to wait. */
    readonly retryAfterMs: number | null = null,
    /** With `too_large`. */
    readonly limits: Limits | null = null,
    /** With `epoch_changed`. */
    readonly epoch: string | null = null,
  ) {
    super(`sync: ${status} ${code}`);
    this.name = 'SyncError';
  }
}
