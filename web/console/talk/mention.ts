/**
 * Naming somebody in a note. What is being typed behind an `@` is looked up among those who may read the ticket; who was
 * chosen is sent by id, if his name still stands in the text.
 */
import type { Reader } from '$shared/api/types';

const MOST_SHOWN = 6;
/** Longer than this it is no name. */
const LONGEST = 30;
/** An `@` within a word is part of an address. */
const INSIDE = /[A-Za-z0-9._%+-]/;

export interface Asked {
  /** Where the `@` stands. */
  from: number;
  words: string;
}

/** What is typed behind the last `@` before the caret, if a name could begin there. */
export function askedAt(text: string, caret: number): Asked | null {
  const from = text.lastIndexOf('@', caret - 1);
  if (from < 0 || INSIDE.test(text[from - 1] ?? '')) return null;
  const words = text.slice(from + 1, caret);
  return words.length > LONGEST || /[\n@]/.test(words) ? null : { from, words };
}

const folded = (text: string): string => text.toLocaleLowerCase();

/** Who that may be; those whose name begins so come first. */
export function found(readers: readonly Reader[], words: string): Reader[] {
  const wanted = folded(words);
  const begins = (one: Reader) => [one.display_name, one.login].some((name) => folded(name).startsWith(wanted));
  const has = (one: Reader) => folded(one.display_name).includes(wanted);
  return [...readers.filter(begins), ...readers.filter((one) => !begins(one) && has(one))].slice(0, MOST_SHOWN);
}

/** The text with the name in place of what was typed, and where the caret goes. */
export function named(text: string, asked: Asked, name: string): { text: string; caret: number } {
  const before = `${text.slice(0, asked.from)}@${name} `;
  return { text: before + text.slice(asked.from + 1 + asked.words.length).replace(/^ /, ''), caret: before.length };
}

/** Of those who were chosen, whose name still stands there. */
export const standing = (text: string, chosen: readonly Reader[]): Reader[] => chosen.filter((one, nth) => text.includes(`@${one.display_name}`) && chosen.findIndex((other) => other.user_id === one.user_id) === nth);

export interface Piece {
  text: string;
  named: boolean;
}

/** A note in pieces, with the names of whom it names apart. */
export function pieces(text: string, names: readonly string[]): Piece[] {
  const marks = names.map((name) => `@${name}`).sort((a, b) => b.length - a.length);
  const cut: Piece[] = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const mark = marks.find((one) => text.startsWith(one, at));
    if (!mark) {
      plain += text[at++];
      continue;
    }
    if (plain) cut.push({ text: plain, named: false });
    cut.push({ text: mark, named: true });
    plain = '';
    at += mark.length;
  }
  return plain ? [...cut, { text: plain, named: false }] : cut;
}
