/** The messages of /sync/v1 (version 1 of the protocol), as they are on the wire. */

export const SCHEMA = 1;

export type Scalar = string | number | boolean | null;
export type Doc = Record<string, Scalar>;

export interface Mutation {
  mid: string;
  seq: number;
  /** An event of a ticket asks for a move, so it is an `intent`; the rest are rows. */
  op: 'insert' | 'intent';
  c: string;
  id: string;
  set: Doc;
  hlc: string;
  wall: number;
  mono: number;
  boot: string;
  schema: number;
}

export type ResultKind = 'applied' | 'merged' | 'duplicate' | 'conflict' | 'rejected_kept' | 'held';

export interface PushResult {
  mid: string;
  result: ResultKind;
  /** What a `duplicate` was when it was first seen. */
  first?: ResultKind;
  v?: number;
  doc?: Doc | null;
  why?: string;
  need_from?: number;
  conflict?: string;
}

/** The phone's clocks at sending: with them the server can tell when things happened, whatever the wall clock says. */
export interface Instant {
  wall: number;
  mono: number;
  boot: string;
}

export interface PushRequest {
  epoch: string;
  sent: Instant;
  mutations: Mutation[];
}

export interface PushAnswer {
  epoch?: string;
  results: PushResult[];
  acked_seq?: number;
  server_time?: number;
}

export interface Change {
  c: string;
  id: string;
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

export interface Enrolment {
  token: string;
  epoch: string;
  server_time: number;
  limits?: { push_mutations?: number };
  policy?: { engineer_id?: string };
}

/** A whole-request refusal: the queue stays as it is. */
export class SyncError extends Error {
  constructor(readonly status: number, readonly code: string, readonly retryAfterMs: number | null = null) {
    super(`sync: ${status} ${code}`);
    this.name = 'SyncError';
  }
}
