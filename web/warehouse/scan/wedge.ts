/**
 * A hand scanner that acts as a keyboard. It types much faster than any person and ends with Enter (some with Tab);
 * that alone tells it from typing, so no field has to have the focus. A code is read twice: as the keys say
 * (`typed`) and as their places on an American keyboard say (`physical`), because most scanners are set to that layout
 * whatever the computer is set to, and because an input method for Chinese hides the letter but not the key.
 */
import { GS } from '$shared/scan/gs1';

export interface Key {
  key: string;
  /** Which key of the keyboard, whatever the layout makes of it; empty where a virtual keyboard does not say. */
  code: string;
  shift: boolean;
  ctrl: boolean;
  /** Milliseconds of any clock that does not go back. */
  at: number;
}

export interface Burst {
  typed: string;
  physical: string;
}

/**
 * `pass`: somebody types. `hold`: it belongs to a burst. `end`: the burst is a code. `brief`: one or two fast keys and
 * Enter: a short code, or a person in a hurry; `gap` is the longest pause in it, in milliseconds.
 */
export type Heard = { kind: 'pass' } | { kind: 'hold' } | { kind: 'end'; burst: Burst } | { kind: 'brief'; burst: Burst; gap: number };

/** Scanners need 1 to 30 ms a key; the fastest typists 60, and a key that is held down repeats every 30 or so. */
export const MAX_GAP_MS = 45;
/** A scanner that stops for so long in the middle will not go on. */
export const BROKEN_MS = 250;
/** From so many fast keys on it is no person: they keep away from the page. */
const SURELY = 3;

const SHIFTED: Record<string, string> = {
  Minus: '-_', Equal: '=+', BracketLeft: '[{', BracketRight: ']}', Backslash: '\\|', Semicolon: ';:', Quote: '\'"', Comma: ',<', Period: '.>', Slash: '/?', Backquote: '`~', Space: '  ',
};
const DIGITS = ')!@#$%^&*(';

function physicalOf({ key, code, shift }: Key): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shift ? letter : letter.toLowerCase();
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  if (digit) return shift ? (DIGITS[Number(digit)] ?? '') : digit;
  const pad = /^Numpad(\d)$/.exec(code)?.[1];
  if (pad) return pad;
  const pair = SHIFTED[code];
  return pair ? (pair[shift ? 1 : 0] ?? '') : printable(key);
}
const printable = (key: string): string => ([...key].length === 1 ? key : '');
/** Between the fields of a GS1 code scanners type Ctrl+] or the control character itself; some send F8. */
const isSeparator = ({ key, code, ctrl }: Key): boolean => key === GS || key === 'F8' || (ctrl && (code === 'BracketRight' || key === ']'));
const isModifier = (key: string): boolean => ['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock'].includes(key);

export class Wedge {
  #typed = '';
  #physical = '';
  #count = 0;
  #last = -Infinity;
  #slowest = 0;

  /** How many keys of a burst have come. */
  get length(): number {
    return this.#count;
  }

  hear(key: Key): Heard {
    if (isModifier(key.key)) return { kind: 'pass' };
    const gap = key.at - this.#last;
    const fast = gap <= MAX_GAP_MS;
    this.#last = key.at;
    if (key.key === 'Enter' || key.key === 'Tab') {
      const [burst, count, slowest] = [{ typed: this.#typed, physical: this.#physical }, this.#count, Math.max(this.#slowest, gap)];
      this.#clear();
      if (!fast || count === 0) return { kind: 'pass' };
      return count >= SURELY ? { kind: 'end', burst } : { kind: 'brief', burst, gap: slowest };
    }
    const separator = isSeparator(key);
    const [typed, physical] = separator ? [GS, GS] : [printable(key.key), physicalOf(key)];
    if (!fast) this.#clear();
    if ((key.ctrl && !separator) || (typed === '' && physical === '')) {
      this.#clear();
      return { kind: 'pass' };
    }
    this.#typed += typed;
    this.#physical += physical;
    this.#count += 1;
    this.#slowest = this.#count === 1 ? 0 : Math.max(this.#slowest, gap);
    return { kind: this.#count >= SURELY ? 'hold' : 'pass' };
  }

  /** What came of a burst that broke off: half a code, to be refused aloud. Nothing if it was not surely a scanner. */
  breakOff(at: number): Burst | null {
    if (this.#count < SURELY || at - this.#last < BROKEN_MS) return null;
    const burst = { typed: this.#typed, physical: this.#physical };
    this.#clear();
    return burst;
  }

  #clear(): void {
    this.#typed = '';
    this.#physical = '';
    this.#count = 0;
    this.#slowest = 0;
  }
}
