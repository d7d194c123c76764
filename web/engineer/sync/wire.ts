/** The messages of /sync/v1 (version 1 of the protocol), as they are on the wire. */

export const SCHEMA = 1;

export type Scalar = string | number | boolean | null;
export type Doc = Record<string, Scalar>;

export interface Mutation {
  mid: string;
  seq: number;
  op: 'insert';
  c: string;
  id: string;
  base: number;
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

export interface PushAnswer {
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
  limits?: { batch?: number };
}

export interface Status {
  epoch: string;
  acked_seq: number;
  server_time: number;
}

/** A whole-request refusal: the queue stays as it is. */
export class SyncError extends Error {
  constructor(readonly status: number, readonly code: string, readonly retryAfterMs: number | null = null) {
    super(`sync: ${status} ${code}`);
    this.name = 'SyncError';
  }
}
