/**
 * The counter where old parts come back, as a state and what a scan does to it. What was scanned stays in hand until the
 * next scan or until somebody says that it is done: until then it can be put down again. It knows no server and no screen.
 */
import type { Grade, Part, UsedPart } from '$shared/api/types';
import type { Person, Scan } from '../scan/lookup';

export interface Hand {
  id: string;
  quantity: number;
  /** The number that was read off it; empty if none was. */
  serial: string;
  /** What it is good for; null to be said later. */
  grade: Grade | null;
}
export interface Desk {
  /** Where what comes in is put. */
  place: string;
  /** Whose parts are being taken in; null for anybody's. */
  person: Person | null;
  hand: Hand | null;
}
export type DeskWrong = 'half' | 'unknown' | 'place_first' | 'no_shelf' | 'not_expected' | 'other_person' | 'serial_twice';
export interface DeskStep {
  desk: Desk;
  wrong: DeskWrong | null;
  /** What was in hand and is done with. */
  send: Hand | null;
}
type Parts = ReadonlyMap<string, Part>;

export const newDesk = (place = ''): Desk => ({ place, person: null, hand: null });
const refuse = (desk: Desk, wrong: DeskWrong): DeskStep => ({ desk, wrong, send: null });
const same = (a: string, b: string): boolean => a !== '' && a.toLowerCase() === b.toLowerCase();
/** Where an old part may be taken in: on a shelf of ours. */
const SHELVES = ['depot', 'bin', 'quarantine', 'repair'];

/** Whether it cannot become stock before its number is known. */
export const needsNumber = (row: Pick<UsedPart, 'part_id' | 'serial'>, hand: Hand, parts: Parts): boolean =>
  parts.get(row.part_id)?.tracking === 'serial' && hand.serial === '' && row.serial === '';

function take(desk: Desk, row: UsedPart, serial: string, parts: Parts, count = 1): DeskStep {
  const decimals = parts.get(row.part_id)?.decimals ?? 0;
  const quantity = decimals > 0 ? row.quantity : Math.min(row.quantity, count);
  return { desk: { ...desk, hand: { id: row.id, quantity, serial, grade: null } }, wrong: null, send: desk.hand };
}

/** The row that a part is: by its number, else the oldest of this kind, his own before anybody's. */
function find(rows: readonly UsedPart[], part: string | null, serial: string | null, desk: Desk): UsedPart | undefined {
  const free = rows.filter((row) => row.id !== desk.hand?.id);
  const numbered = serial === null ? undefined : free.find((row) => (part === null || row.part_id === part) && same(row.serial, serial));
  if (numbered || part === null) return numbered;
  const kind = free.filter((row) => row.part_id === part).sort((a, b) => a.created_at - b.created_at);
  // A number that is not expected may still be the piece: what was said of it on site may be wrong or nothing.
  const unnumbered = serial === null ? kind : [...kind.filter((row) => row.serial === ''), ...kind];
  return unnumbered.find((row) => desk.person === null || row.engineer_id === desk.person.id) ?? unnumbered[0];
}

function withPart(desk: Desk, scan: Scan & { kind: 'part' }, rows: readonly UsedPart[], held: UsedPart | undefined, parts: Parts): DeskStep {
  const count = scan.count ?? 1;
  // The number that was missing of what is in hand, on a label that names the part as well.
  if (desk.hand && held?.part_id === scan.part.id && scan.serial && needsNumber(held, desk.hand, parts)) return { desk: { ...desk, hand: { ...desk.hand, serial: scan.serial } }, wrong: null, send: null };
  // The same part once more is one more of it, as long as more is expected.
  if (desk.hand && held?.part_id === scan.part.id && !scan.serial && desk.hand.quantity + count <= held.quantity) return { desk: { ...desk, hand: { ...desk.hand, quantity: desk.hand.quantity + count } }, wrong: null, send: null };
  if (desk.hand && scan.serial && same(desk.hand.serial, scan.serial)) return refuse(desk, 'serial_twice');
  const row = find(rows, scan.part.id, scan.serial, desk);
  if (!row) return refuse(desk, 'not_expected');
  if (desk.person !== null && row.engineer_id !== desk.person.id) return refuse(desk, 'other_person');
  return take(desk, row, scan.serial ?? '', parts, count);
}

function withNumber(desk: Desk, serial: string, doubtful: boolean, rows: readonly UsedPart[], held: UsedPart | undefined, parts: Parts): DeskStep {
  if (desk.hand && held && needsNumber(held, desk.hand, parts)) return { desk: { ...desk, hand: { ...desk.hand, serial } }, wrong: null, send: null };
  const row = find(rows, null, serial, desk);
  return row ? take(desk, row, serial, parts) : refuse(desk, doubtful ? 'half' : 'unknown');
}

/** `rows` are the old parts that are expected, `held` is the one in hand: it may have come in before, to be graded now. */
export function scanned(desk: Desk, scan: Scan, rows: readonly UsedPart[], parts: Parts, held = rows.find((row) => row.id === desk.hand?.id)): DeskStep {
  if (scan.kind === 'half') return refuse(desk, 'half');
  if (scan.kind === 'person') return { desk: { ...desk, person: scan.person, hand: null }, wrong: null, send: desk.hand };
  if (scan.kind === 'place') {
    if (!SHELVES.includes(scan.place.kind)) return refuse(desk, 'no_shelf');
    return { desk: { ...desk, place: scan.place.id, hand: null }, wrong: null, send: desk.hand };
  }
  if (desk.place === '') return refuse(desk, 'place_first');
  return scan.kind === 'part' ? withPart(desk, scan, rows, held, parts) : withNumber(desk, scan.shown, scan.doubtful, rows, held, parts);
}

/** By hand: this one. */
export const taken = (desk: Desk, row: UsedPart, parts: Parts): DeskStep => (desk.place === '' && row.status === 'expected' ? refuse(desk, 'place_first') : take(desk, row, row.serial, parts, row.quantity));
/** One scan back; null when nothing is in hand. */
export function putDown(desk: Desk): Desk | null {
  if (!desk.hand) return null;
  return { ...desk, hand: desk.hand.quantity > 1 && desk.hand.serial === '' ? { ...desk.hand, quantity: desk.hand.quantity - 1 } : null };
}

export interface Bringer {
  key: string;
  code: string;
  name: string;
  rows: UsedPart[];
}
/** What each engineer has to bring, the longest overdue first. */
export function byBringer(rows: readonly UsedPart[]): Bringer[] {
  const found = new Map<string, Bringer>();
  for (const row of rows) {
    const key = row.engineer_id ?? '';
    const one = found.get(key) ?? { key, code: row.engineer_code ?? '', name: row.engineer_name ?? '', rows: [] };
    one.rows.push(row);
    found.set(key, one);
  }
  const oldest = (one: Bringer) => Math.min(...one.rows.map((row) => row.created_at));
  for (const one of found.values()) one.rows.sort((a, b) => a.created_at - b.created_at);
  return [...found.values()].sort((a, b) => oldest(a) - oldest(b) || a.code.localeCompare(b.code));
}
