/** Picking for one van, with the server: what `pick.ts` says was taken is booked, and can be put back. */
import { api, ask } from '$shared/api/client';
import type { Reservation } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { named } from '$shared/i18n/labels';
import { m, quantity } from '$shared/i18n/text';
import { missed } from './missing';
import * as pick from './pick';
import type { Scan } from './scan/lookup';
import type { Said } from './scan/scanner.svelte';
import { stock } from './stock.svelte';
import { undo, wordsOf } from './undo.svelte';

let owner = $state<string | null>(null);
let state = $state.raw(pick.newWalk());
let booking = $state(false);

const held = (): Reservation[] => stock.vans.find((van) => van.key === owner)?.held ?? [];
const nameOf = (line: Reservation): string => {
  const part = stock.parts.get(line.part_id);
  return part ? named(part) : line.part_name;
};
const amount = (line: Reservation, count: number): string => quantity(count, stock.parts.get(line.part_id)?.decimals ?? 0);

/** What to do now, in a sentence; a refusal ends with it. */
function wish(): string {
  const line = pick.currentOf(state, held());
  const expected = pick.expectedOf(state, held(), stock.parts);
  if (!line || expected === 'nothing') return m.pick_all_done();
  if (expected === 'place') return m.scan_wanted_place({ place: line.location_code });
  if (expected === 'serial') return m.scan_wanted_serial({ part: nameOf(line), nth: amount(line, state.count + 1), count: amount(line, line.quantity) });
  return m.scan_wanted_part({ number: line.part_number, part: nameOf(line) });
}

const lotOf = (scan: Scan | null): string => (scan?.kind === 'part' ? (scan.lot ?? scan.part.number) : '');

function refusal(wrong: pick.Wrong, scan: Scan | null): Said {
  const code = scan?.kind === 'part' ? scan.part.number : (scan?.shown ?? '');
  const titles: Record<pick.Wrong, () => string> = {
    half: () => m.wrong_half({ code }), unknown: () => m.wrong_unknown({ code }), place_first: m.wrong_place_first, wrong_place: () => m.wrong_place({ code }), wrong_part: () => m.wrong_part({ code }),
    finish_first: m.wrong_finish_first, too_many: m.wrong_too_many, serial_twice: () => m.wrong_serial_twice({ code }), serial_wanted: m.wrong_serial_wanted,
    other_lot: () => m.wrong_other_lot({ code: lotOf(scan) }), expired: () => m.wrong_expired({ code: lotOf(scan) }), not_now: () => m.wrong_not_now({ code }),
  };
  return { tone: wrong === 'half' ? 'half' : 'wrong', title: titles[wrong](), text: wish() };
}

async function book({ line, quantity: count, serials, lot }: pick.Take): Promise<Said> {
  const all = line.quantity;
  booking = true;
  try {
    const picked = await ask(api.POST('/api/v1/reservations/{id}/pick', { params: { path: { id: line.id } }, body: { quantity: count, ...(serials.length > 0 ? { serials: [...serials] } : {}), ...(lot ? { lot } : {}) } }));
    const text = m.picked_of({ part: nameOf(line), count: amount(line, count), number: line.ticket_number });
    undo.push({ text, run: () => ask(api.POST('/api/v1/reservations/{id}/put-back', { params: { path: { id: picked.id } }, body: {} })) });
    await stock.reloadMoving().catch(() => undefined);
    return { tone: 'good', title: text, text: count < all ? m.picked_partly({ rest: amount(line, all - count) }) : wish() };
  } catch (cause) {
    state = { ...state, left: state.left.filter((id) => id !== line.id) };
    await stock.reloadMoving().catch(() => undefined);
    return { tone: 'wrong', title: m.pick_refused({ part: nameOf(line) }), text: wordsOf(cause) };
  } finally {
    booking = false;
  }
}

async function report(line: Reservation): Promise<Said> {
  booking = true;
  try {
    const { done, text } = await missed(line);
    return { tone: done ? 'good' : 'wrong', title: m.missing_left({ part: nameOf(line) }), text: `${text} ${wish()}` };
  } finally {
    booking = false;
  }
}

async function follow(step: pick.Step, scan: Scan | null): Promise<Said> {
  state = step.walk;
  if (step.wrong) return refusal(step.wrong, scan);
  if (step.take) return book(step.take);
  if (step.missing) return report(step.missing);
  const line = pick.currentOf(state, held());
  const done = state.line !== null && line ? m.pick_counted({ count: amount(line, state.count), all: amount(line, line.quantity) }) : m.scan_good();
  return { tone: 'good', title: scan?.kind === 'place' ? scan.place.code : done, text: wish() };
}

export const walk = {
  get owner(): string | null {
    return owner;
  },
  get state(): pick.Walk {
    return state;
  },
  get booking(): boolean {
    return booking;
  },
  get lines(): Reservation[] {
    return pick.linesOf(state, held());
  },
  /** Of which less was found than asked: still held. */
  get left(): Reservation[] {
    return held().filter((line) => state.left.includes(line.id));
  },
  get current(): Reservation | null {
    return pick.currentOf(state, held());
  },
  get expected(): pick.Expected {
    return pick.expectedOf(state, held(), stock.parts);
  },
  wish,
  begin(key: string): void {
    owner = key;
    state = pick.newWalk();
  },
  end: (): void => void (owner = null),
  hear: (scan: Scan): Promise<Said> => follow(pick.scanned(state, scan, held(), stock.parts, clock.now), scan),
  count: (count: number): Promise<Said> => follow(pick.counted(state, count, held(), stock.parts), null),
  /** Takes what was counted although it is less, or leaves the line. */
  finish: (): Promise<Said> => follow(pick.finished(state, held()), null),
  /** One scan back; false where there is none to take back. */
  stepBack(): boolean {
    const before = pick.stepBack(state);
    if (before) state = before;
    return before !== null;
  },
  /** Lines that were left are asked for again. */
  again(): void {
    state = { ...state, left: [] };
  },
};
