/**
 * The page's one scanner: keys of a hand scanner wherever the focus is, codes that the camera saw, codes that somebody
 * typed. Whoever listened last hears them, one after the other; what he answers is shown, sounded and felt.
 */
import { m } from '$shared/i18n/text';
import { feel, type Tone } from '../feedback';
import { resolve, resolveBurst, type Known, type Scan } from './lookup';
import { worthAsking } from './remote';
import { BROKEN_MS, Wedge, type Burst } from './wedge';

export interface Said {
  tone: Tone;
  title: string;
  text?: string;
}
export type Listener = (scan: Scan) => Said | Promise<Said>;

interface Field {
  field: HTMLInputElement | HTMLTextAreaElement;
  value: string;
}

let said = $state.raw<(Said & { nth: number }) | null>(null);
let nth = 0;
let listeners: Listener[] = [];
let known: () => Known = () => ({ parts: [], places: [], people: [] });
/** Who may know what the page does not. */
type LookUp = (raw: string) => Promise<Scan | null>;
let lookUp: LookUp | null = null;
let queue: Promise<void> = Promise.resolve();

const wedge = new Wedge();
let before: Field | null = null;
let watch: ReturnType<typeof setTimeout> | undefined;

function say(next: Said): void {
  nth += 1;
  said = { ...next, nth };
  feel(next.tone);
}

/** In turn: the next scan waits until the server has answered to this one. */
function inTurn(run: () => Promise<Said | null>): Promise<void> {
  queue = queue.then(async () => {
    const answer = await run();
    if (answer) say(answer);
  });
  return queue;
}
/** The page's own answer comes first, because it is there at once; `codes` are what somebody else may know it by. */
const hear = (scan: () => Scan, codes: readonly string[] = []): Promise<void> =>
  inTurn(async () => {
    let heard = scan();
    for (const code of new Set(codes)) if (lookUp && worthAsking(heard, code)) heard = (await lookUp(code)) ?? heard;
    // No scan goes without an answer, where nobody waits for one either.
    return (await listeners.at(-1)?.(heard)) ?? { tone: 'wrong', title: m.wrong_not_now({ code: heard.shown }) };
  });
const hearBurst = (burst: Burst): Promise<void> => hear(() => resolveBurst(burst, known()), [burst.typed, burst.physical]);

const fieldOf = (target: EventTarget | null): Field | null => {
  const field = target as Field['field'] | null;
  return field && /^(INPUT|TEXTAREA)$/.test(field.tagName ?? '') ? { field, value: field.value } : null;
};

/** A code that went into a field by the way is taken out of it again. */
function restore(): void {
  if (!before || before.field.value === before.value) return;
  before.field.value = before.value;
  before.field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** In a field a short code has to come as fast as no hand is: two keys and Enter at this pace are a scanner's. */
const NO_HAND_MS = 20;
const isMeant = (scan: Scan): boolean => scan.kind === 'part' || scan.kind === 'place' || scan.kind === 'person';

/** One or two fast keys and Enter. True if that was a scan; what somebody types into a field or picks from a list is none. */
function hearBrief(burst: Burst, gap: number, typing: boolean): boolean {
  if (typing && (gap > NO_HAND_MS || !isMeant(resolveBurst(burst, known())))) return false;
  // The bar of spaces and Enter press what has the focus.
  if (`${burst.typed}${burst.physical}`.trim() === '') return false;
  void hearBurst(burst);
  return true;
}

function take(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onKey(event: KeyboardEvent): void {
  // A scanner presses each key anew; a key that is held down is a person's.
  if (event.repeat) return;
  const field = fieldOf(event.target);
  const heard = wedge.hear({ key: event.key, code: event.code, shift: event.shiftKey, ctrl: event.ctrlKey, at: event.timeStamp });
  if (wedge.length === 1) before = field;
  clearTimeout(watch);
  if (heard.kind === 'brief') {
    const typing = field !== null || (event.target as Element | null)?.tagName === 'SELECT';
    if (!hearBrief(heard.burst, heard.gap, typing)) return;
    take(event);
    restore();
  } else if (heard.kind === 'end') {
    take(event);
    restore();
    void hearBurst(heard.burst);
  } else if (heard.kind === 'hold' && !field) {
    take(event);
    watch = setTimeout(() => {
      const half = wedge.breakOff(event.timeStamp + BROKEN_MS);
      if (half) void hear(() => ({ kind: 'half', shown: half.typed || half.physical }));
    }, BROKEN_MS);
  }
}

export const scanner = {
  /** What came of the last scan. */
  get said(): (Said & { nth: number }) | null {
    return said;
  },
  say,
  inTurn,
  quiet(): void {
    said = null;
  },
  /** Begins to hear keys; `lists` are asked anew for each code, `beyond` what they do not know. The answer ends it. */
  start(lists: () => Known, beyond: LookUp | null = null): () => void {
    known = lists;
    lookUp = beyond;
    addEventListener('keydown', onKey, true);
    return () => {
      clearTimeout(watch);
      removeEventListener('keydown', onKey, true);
    };
  },
  /** From now on scans go to this listener; the answer gives them back to who had them. */
  listen(listener: Listener): () => void {
    listeners = [...listeners, listener];
    return () => (listeners = listeners.filter((one) => one !== listener));
  },
  /** A code that the camera saw or somebody typed. */
  take: (raw: string): Promise<void> => hear(() => resolve(raw, known()), [raw]),
};
