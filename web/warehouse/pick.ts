/**
 * Picking for one van, as a state and what a scan does to it: place, part, count. Nothing is taken that was not scanned,
 * and what does not belong here is refused with what was expected. It knows no server and no screen.
 */
import type { Part, Reservation } from '$shared/api/types';
import { isExpired } from '$shared/expiry';
import { isCounted } from './board';
import type { Scan } from './scan/lookup';

export interface Walk {
  /** Where somebody stands: the place that he scanned. */
  place: string | null;
  /** The line whose part was scanned. */
  line: string | null;
  count: number;
  serials: readonly string[];
  /** The lot that is being counted, where a label named one; two lots are two picks. */
  lot: string | null;
  /** Lines of which less was found than asked: not asked for again on this walk. */
  left: readonly string[];
}
export type Wrong = 'half' | 'unknown' | 'place_first' | 'wrong_place' | 'wrong_part' | 'finish_first' | 'too_many' | 'serial_twice' | 'serial_wanted' | 'other_lot' | 'expired' | 'not_now';
export interface Take {
  line: Reservation;
  quantity: number;
  serials: readonly string[];
  lot: string | null;
}
export interface Step {
  walk: Walk;
  wrong: Wrong | null;
  /** What is now off the shelf, and has to be told to the server. */
  take: Take | null;
  /** Of which nothing was found: its shelf needs a count. */
  missing: Reservation | null;
}
export type Lines = readonly Reservation[];
type Parts = ReadonlyMap<string, Part>;

export const newWalk = (): Walk => ({ place: null, line: null, count: 0, serials: [], lot: null, left: [] });

/** What is still to be picked on this walk. */
export const linesOf = (walk: Walk, held: Lines): Reservation[] => held.filter((line) => !walk.left.includes(line.id));

/** The line to go for: what is being counted, else the first here, else the first anywhere. */
export function currentOf(walk: Walk, held: Lines): Reservation | null {
  const lines = linesOf(walk, held);
  return lines.find((line) => line.id === walk.line) ?? lines.find((line) => line.location_id === walk.place) ?? lines[0] ?? null;
}

export type Expected = 'place' | 'part' | 'serial' | 'more' | 'nothing';
export function expectedOf(walk: Walk, held: Lines, parts: Parts): Expected {
  const line = currentOf(walk, held);
  if (!line) return 'nothing';
  if (walk.place !== line.location_id) return 'place';
  if (walk.line !== line.id) return 'part';
  return parts.get(line.part_id)?.tracking === 'serial' ? 'serial' : 'more';
}

const refuse = (walk: Walk, wrong: Wrong): Step => ({ walk, wrong, take: null, missing: null });
const go = (walk: Walk): Step => ({ walk, wrong: null, take: null, missing: null });
const idle = (walk: Walk): Walk => ({ ...walk, line: null, count: 0, serials: [], lot: null });
const taken = (walk: Walk, line: Reservation): Step =>
  ({ walk: { ...idle(walk), left: walk.count < line.quantity ? [...walk.left, line.id] : walk.left }, wrong: null, take: { line, quantity: walk.count, serials: walk.serials, lot: walk.lot }, missing: null });

function atPlace(walk: Walk, id: string, lines: Lines): Step {
  if (walk.count > 0 && id !== walk.place) return refuse(walk, 'finish_first');
  if (!lines.some((line) => line.location_id === id)) return refuse(walk, 'wrong_place');
  return go(id === walk.place ? walk : { ...idle(walk), place: id });
}

function addSerial(walk: Walk, line: Reservation, serial: string): Step {
  if (walk.serials.some((one) => one.toLowerCase() === serial.toLowerCase())) return refuse(walk, 'serial_twice');
  const serials = [...walk.serials, serial];
  const next = { ...walk, line: line.id, serials, count: serials.length };
  return next.count === line.quantity ? taken(next, line) : go(next);
}

/** Whether this label's lot may be counted with what was counted: it is the same one, and may still be used. */
function wrongLot(walk: Walk, scan: Scan & { kind: 'part' }, now: number): Wrong | null {
  if (scan.part.tracking !== 'lot') return null;
  if (scan.expires && isExpired(scan.expires, now)) return 'expired';
  const counted = walk.count > 0 ? walk.lot : scan.lot;
  return (counted ?? '').toLowerCase() === (scan.lot ?? '').toLowerCase() ? null : 'other_lot';
}

function addPart(walk: Walk, scan: Scan & { kind: 'part' }, lines: Lines, now: number): Step {
  if (walk.place === null || !lines.some((line) => line.location_id === walk.place)) return refuse(walk, 'place_first');
  const here = lines.filter((line) => line.location_id === walk.place && line.part_id === scan.part.id);
  const line = here.find((one) => one.id === walk.line) ?? here[0];
  if (walk.count > 0 && line?.id !== walk.line) return refuse(walk, 'finish_first');
  if (!line) return refuse(walk, 'wrong_part');
  const begun = walk.line === line.id ? walk : { ...idle(walk), line: line.id };
  if (scan.part.tracking === 'serial') {
    if (scan.serial) return addSerial(begun, line, scan.serial);
    return walk.line === line.id ? refuse(walk, 'serial_wanted') : go(begun);
  }
  const wrong = wrongLot(begun, scan, now);
  if (wrong) return refuse(walk, wrong);
  const lot = scan.part.tracking === 'lot' ? scan.lot : null;
  // What is poured is not counted by scans: the whole amount is offered, and somebody says that it is so.
  if (!isCounted(scan.part)) return go({ ...begun, lot, count: begun.count || line.quantity });
  const count = begun.count + (scan.count ?? 1);
  if (count > line.quantity) return refuse(walk, 'too_many');
  const next = { ...begun, lot, count };
  return count === line.quantity ? taken(next, line) : go(next);
}

export function scanned(walk: Walk, scan: Scan, held: Lines, parts: Parts, now: number): Step {
  const lines = linesOf(walk, held);
  if (scan.kind === 'half') return refuse(walk, 'half');
  if (scan.kind === 'person') return refuse(walk, 'not_now');
  if (scan.kind === 'place') return atPlace(walk, scan.place.id, lines);
  if (scan.kind === 'part') return addPart(walk, scan, lines, now);
  const line = lines.find((one) => one.id === walk.line);
  if (line && parts.get(line.part_id)?.tracking === 'serial') return addSerial(walk, line, scan.shown);
  return refuse(walk, scan.doubtful ? 'half' : 'unknown');
}

/** By hand: so many are there. Pieces with serial numbers are only counted by scanning them. */
export function counted(walk: Walk, count: number, held: Lines, parts: Parts): Step {
  const line = linesOf(walk, held).find((one) => one.id === walk.line);
  if (!line || count < 0 || parts.get(line.part_id)?.tracking === 'serial') return refuse(walk, 'not_now');
  return count > line.quantity ? refuse(walk, 'too_many') : go({ ...walk, count });
}

/** "That is all there is": what was counted is taken, or nothing, and the rest is left. */
export function finished(walk: Walk, held: Lines): Step {
  const line = currentOf(walk, held);
  if (!line) return refuse(walk, 'not_now');
  return walk.line === line.id && walk.count > 0 ? taken(walk, line) : { ...go({ ...idle(walk), left: [...walk.left, line.id] }), missing: line };
}

/** One scan back while something is being counted; null when nothing is. */
export function stepBack(walk: Walk): Walk | null {
  if (walk.line === null) return null;
  if (walk.count <= 1) return idle(walk);
  return walk.serials.length > 0 ? { ...walk, serials: walk.serials.slice(0, -1), count: walk.count - 1 } : { ...walk, count: walk.count - 1 };
}
