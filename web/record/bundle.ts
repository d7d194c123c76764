/** The shape of a bundle, as docs/record.md has it, and the reading of it: a file may be anything. */

export interface Shown {
  salt: string;
  text: string;
}

export interface Proved {
  position: number;
  leaf: string;
  proof: string[];
  open: Shown | null;
  personal: Shown | null;
  why: string | null;
}

export interface Bundle {
  format: string;
  public_key: string;
  head: string;
  statement: string;
  entries: Proved[];
}

export interface Leaf {
  number: number;
  at: number;
  actor_id: string;
  actor: string;
  device_id: string | null;
  entity: string;
  row_id: string;
  op: string;
  ticket_id: string | null;
  entry: number;
  previous: string | null;
  open: string;
  personal: string | null;
  why: string | null;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): value is string => typeof value === 'string';
const maybe = (value: unknown): boolean => value === null || text(value);
const shown = (value: unknown): boolean => value === null || (isFields(value) && text(value['salt']) && text(value['text']));

function isProved(value: unknown): value is Proved {
  if (!isFields(value) || !Number.isSafeInteger(value['position']) || Number(value['position']) < 0 || !text(value['leaf'])) return false;
  const proof = value['proof'];
  return Array.isArray(proof) && proof.every(text) && shown(value['open']) && shown(value['personal']) && maybe(value['why']);
}

/** The bundle in a file; null if it is none. */
export function read(file: string): Bundle | null {
  let value: unknown;
  try {
    value = JSON.parse(file);
  } catch {
    return null;
  }
  if (!isFields(value) || !['format', 'public_key', 'head', 'statement'].every((name) => text((value as Fields)[name]))) return null;
  return Array.isArray(value['entries']) && value['entries'].every(isProved) ? (value as unknown as Bundle) : null;
}

const FIELDS = ['number', 'at', 'actor_id', 'actor', 'device_id', 'entity', 'row_id', 'op', 'ticket_id', 'entry', 'previous', 'open', 'personal', 'why'];

/** The entry that a leaf is; null if it is none of a ticket's. */
export function leafOf(proved: Proved): Leaf | null {
  let value: unknown;
  try {
    value = JSON.parse(proved.leaf);
  } catch {
    return null;
  }
  if (!isFields(value) || Object.keys(value).length !== FIELDS.length || !FIELDS.every((field) => field in (value as Fields))) return null;
  const entry = value['entry'];
  return Number.isSafeInteger(entry) && Number(entry) > 0 ? (value as unknown as Leaf) : null;
}
