/**
 * Counting a place, as a state and what a scan does to it: place, part, count. Each scan of a part is one more of it;
 * nothing is counted before the place was scanned. It knows no server and no screen.
 */
import type { CountLine, CountView, Part } from '$shared/api/types';
import { isCounted } from '../board';
import type { Scan } from '../scan/lookup';

export interface Counting {
  /** Whether somebody stands there: the place was scanned. */
  here: boolean;
  /** The part that is being counted. */
  part: string | null;
}
export type CountWrong = 'half' | 'unknown' | 'place_first' | 'piece_by_piece' | 'not_now';
export interface CountStep {
  state: Counting;
  wrong: CountWrong | null;
  /** What is now found of a part, and has to be told to the server. */
  enter: { part: Part; quantity: number } | null;
  /** Another place was scanned: its count is the next. */
  place: string | null;
}

export const newCounting = (): Counting => ({ here: false, part: null });
const step = (state: Counting, more: Partial<CountStep> = {}): CountStep => ({ state, wrong: null, enter: null, place: null, ...more });

export const lineOf = (view: CountView, part: string | null): CountLine | undefined => view.lines.find((line) => line.part_id === part);
export const left = (view: CountView): CountLine[] => view.lines.filter((line) => line.counted == null);
export const done = (view: CountView): CountLine[] => view.lines.filter((line) => line.counted != null);

export function scanned(state: Counting, scan: Scan, view: CountView): CountStep {
  if (scan.kind === 'half') return step(state, { wrong: 'half' });
  if (scan.kind === 'person') return step(state, { wrong: 'not_now' });
  if (scan.kind === 'text') return step(state, { wrong: scan.doubtful ? 'half' : 'unknown' });
  if (scan.kind === 'place') return scan.place.id === view.count.location_id ? step({ here: true, part: null }) : step(state, { place: scan.place.id });
  if (!state.here) return step(state, { wrong: 'place_first' });
  const { part } = scan;
  if (part.tracking === 'serial') return step(state, { wrong: 'piece_by_piece' });
  const next = { ...state, part: part.id };
  // What is poured is measured, not counted by scans: the figure is typed.
  if (!isCounted(part)) return step(next);
  return step(next, { enter: { part, quantity: (lineOf(view, part.id)?.counted ?? 0) + (scan.count ?? 1) } });
}

/** The lines with one of them new or changed, in order of number. */
export function withLine(view: CountView, line: CountLine): CountView {
  const others = view.lines.filter((one) => one.part_id !== line.part_id);
  return { ...view, lines: [...others, line].sort((a, b) => (a.part_number < b.part_number ? -1 : 1)) };
}

export interface Outcome {
  /** Lines with a difference, what is missing most first. */
  differing: CountLine[];
  equal: number;
}
export function outcomeOf(view: CountView): Outcome {
  const differing = view.lines.filter((line) => (line.difference ?? 0) !== 0).sort((a, b) => (a.difference ?? 0) - (b.difference ?? 0));
  return { differing, equal: view.lines.length - differing.length };
}
