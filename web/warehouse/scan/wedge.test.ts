import { describe, expect, it } from 'vitest';
import { GS } from '$shared/scan/gs1';
import { BROKEN_MS, MAX_GAP_MS, Wedge, type Heard, type Key } from './wedge';

const CODES: Record<string, [code: string, shift?: boolean]> = { '-': ['Minus'], ']': ['BracketRight'], '/': ['Slash'], '+': ['Equal', true], '%': ['Digit5', true], '(': ['Digit9', true], ' ': ['Space'], '_': ['Minus', true] };
const codeOf = (char: string): [string, boolean?] => (/[a-z]/i.test(char) ? [`Key${char.toUpperCase()}`, /[A-Z]/.test(char)] : /\d/.test(char) ? [`Digit${char}`] : (CODES[char] ?? ['']));
function key(char: string, at: number, over: Partial<Key> = {}): Key {
  const [code, shift = false] = char.length > 1 ? [char] : codeOf(char);
  return { key: char, code, shift, ctrl: false, at, ...over };
}
/** All keys of a text and Enter, so many milliseconds apart. */
function type(wedge: Wedge, text: string, gap: number, over: (char: string) => Partial<Key> = () => ({}), end = 'Enter'): Heard[] {
  const keys = [...text].map((char, i) => wedge.hear(key(char, i * gap, over(char))));
  return end ? [...keys, wedge.hear(key(end, text.length * gap))] : keys;
}
const last = (all: Heard[]) => all.at(-1);

describe('a hand scanner', () => {
  it.each([1, 5, 20, MAX_GAP_MS])('is heard at %s ms a key', (gap) => {
    expect(last(type(new Wedge(), 'DR-110', gap))).toEqual({ kind: 'end', burst: { typed: 'DR-110', physical: 'DR-110' } });
  });

  it.each([MAX_GAP_MS + 1, 80, 200])('is not taken for a person who types every %s ms', (gap) => {
    expect(type(new Wedge(), 'DR-110', gap).map((one) => one.kind)).toEqual(Array(7).fill('pass'));
  });

  it('may end with Tab', () => {
    expect(last(type(new Wedge(), 'D-EAST', 8, undefined, 'Tab'))?.kind).toBe('end');
  });

  it('keeps its keys from the page as soon as it is sure', () => {
    expect(type(new Wedge(), 'ABCDE', 8).map((one) => one.kind)).toEqual(['pass', 'pass', 'hold', 'hold', 'hold', 'end']);
  });

  it.each([['A2', 5, 5], ['E', 12, 12], ['A2', MAX_GAP_MS, MAX_GAP_MS]])('may have read %s: keys and Enter at %s ms are told with their pace', (code, gap, pace) => {
    expect(last(type(new Wedge(), code, gap))).toEqual({ kind: 'brief', burst: { typed: code, physical: code }, gap: pace });
  });

  it.each([[1_000, 5], [0, MAX_GAP_MS + 1]])('has no slow key in a short code either: %s ms before it, Enter %s ms after', (before, after) => {
    const wedge = new Wedge();
    wedge.hear(key('A', 0));
    wedge.hear(key('2', before));
    expect(wedge.hear(key('Enter', before + after))).toEqual(before > 0 ? { kind: 'brief', burst: { typed: '2', physical: '2' }, gap: 5 } : { kind: 'pass' });
  });

  it('is not heard in Enter alone, however fast it follows another', () => {
    const wedge = new Wedge();
    expect([wedge.hear(key('Enter', 0)).kind, wedge.hear(key('Enter', 5)).kind]).toEqual(['pass', 'pass']);
  });

  it('does not count one slow key before it', () => {
    const wedge = new Wedge();
    wedge.hear(key('x', 0));
    for (const [i, char] of [...'DR-1'].entries()) wedge.hear(key(char, 1_000 + i * 5));
    expect(wedge.hear(key('Enter', 1_020))).toEqual({ kind: 'end', burst: { typed: 'DR-1', physical: 'DR-1' } });
  });

  it('does not wait: Enter long after a burst ends nothing', () => {
    const wedge = new Wedge();
    type(wedge, 'DR-110', 5, undefined, '');
    expect(wedge.hear(key('Enter', 900))).toEqual({ kind: 'pass' });
  });

  it('shifts: keys that only change others are no part of a code', () => {
    const wedge = new Wedge();
    for (const [i, char] of ['Shift', 'D', 'Shift', 'R', '1'].entries()) wedge.hear(char === 'Shift' ? { key: 'Shift', code: 'ShiftLeft', shift: true, ctrl: false, at: i * 4 } : key(char, i * 4));
    expect(wedge.hear(key('Enter', 24))).toMatchObject({ burst: { typed: 'DR1' } });
  });

  it('is deaf to shortcuts and arrows', () => {
    const wedge = new Wedge();
    type(wedge, 'AB', 5, undefined, '');
    wedge.hear(key('c', 14, { ctrl: true }));
    expect([wedge.length, wedge.hear(key('ArrowDown', 18)).kind, wedge.length]).toEqual([0, 'pass', 0]);
  });
});

describe('a keyboard of another layout', () => {
  const german: Record<string, string> = { '-': 'ß', y: 'z', z: 'y', Y: 'Z', Z: 'Y' };
  it('is read by the places of its keys too', () => {
    expect(last(type(new Wedge(), 'ZY-1', 6, (char) => ({ key: german[char] ?? char })))).toMatchObject({ burst: { typed: 'YZß1', physical: 'ZY-1' } });
  });

  it('with an input method for Chinese hides the letters, not the keys', () => {
    expect(last(type(new Wedge(), 'EN-512', 6, () => ({ key: 'Process' })))).toMatchObject({ burst: { typed: '', physical: 'EN-512' } });
  });

  it('that does not say which keys they are is read by its letters', () => {
    expect(last(type(new Wedge(), 'E-01', 6, () => ({ code: '' })))).toMatchObject({ burst: { typed: 'E-01', physical: 'E-01' } });
  });

  it('has digits on its number pad, and signs with Shift', () => {
    const wedge = new Wedge();
    for (const i of [4, 0, 6]) wedge.hear({ key: String(i), code: `Numpad${i}`, shift: false, ctrl: false, at: 0 });
    for (const char of '(%_+/ ') wedge.hear(key(char, 1));
    expect(wedge.hear(key('Enter', 2))).toMatchObject({ burst: { physical: '406(%_+/ ' } });
  });
});

describe('the separator of GS1', () => {
  it.each([['Ctrl+]', { key: ']', code: 'BracketRight', ctrl: true }], ['the control character', { key: GS, code: '' }], ['F8', { key: 'F8', code: 'F8' }]])('comes as %s', (_, over) => {
    const wedge = new Wedge();
    for (const char of '10AB') wedge.hear(key(char, 0));
    wedge.hear(key(']', 4, over));
    for (const char of '21X') wedge.hear(key(char, 8));
    expect(wedge.hear(key('Enter', 10))).toMatchObject({ burst: { typed: `10AB${GS}21X`, physical: `10AB${GS}21X` } });
  });
});

describe('a scanner that stops in the middle', () => {
  it('has given half a code, once', () => {
    const wedge = new Wedge();
    type(wedge, 'D-EA', 5, undefined, '');
    expect(wedge.breakOff(15 + BROKEN_MS - 1)).toBeNull();
    expect(wedge.breakOff(15 + BROKEN_MS)).toMatchObject({ typed: 'D-EA' });
    expect(wedge.breakOff(15 + 2 * BROKEN_MS)).toBeNull();
  });

  it('is not heard in two letters of a person', () => {
    const wedge = new Wedge();
    type(wedge, 'ab', 5, undefined, '');
    expect(wedge.breakOff(10_000)).toBeNull();
  });
});
