/**
 * What a scanned code is: a part, a place, an engineer, or a piece by its serial number. Looked up in the lists that the
 * page has; one place, so that the server's own answer can take its part.
 */
import type { Part, StockLocation } from '$shared/api/types';
import { gtinOf, read, type Code } from '$shared/scan/gs1';
import type { Burst } from './wedge';

export interface Person {
  id: string;
  code: string;
  name: string;
}
export interface Known {
  parts: Iterable<Part>;
  places: Iterable<StockLocation>;
  people: Iterable<Person>;
}
export type Scan =
  | { kind: 'part'; part: Part; serial: string | null; lot: string | null; expires: string | null; count: number | null; shown: string }
  | { kind: 'place'; place: StockLocation; shown: string }
  | { kind: 'person'; person: Person; shown: string }
  /** Nothing that is known here: a serial number perhaps. Doubtful where it looks like an EAN with a wrong check digit. */
  | { kind: 'text'; shown: string; doubtful: boolean }
  | { kind: 'half'; shown: string };

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
/** Shorter than this, the beginning of a code says nothing. */
const TELLING = 3;

function partOf(code: Code, known: Known): Part | undefined {
  const parts = [...known.parts];
  for (const name of code.names) {
    const found = parts.find((part) => same(part.number, name));
    if (found) return found;
  }
  return code.gtin ? parts.find((part) => gtinOf(part.number) === code.gtin) : undefined;
}

function find(code: Code, known: Known): Scan | null {
  const { shown, serial, lot, expires, count } = code;
  const part = partOf(code, known);
  if (part) return { kind: 'part', part, serial, lot, expires, count, shown };
  for (const name of code.names) {
    const place = [...known.places].find((one) => same(one.code, name));
    if (place) return { kind: 'place', place, shown };
    const person = [...known.people].find((one) => same(one.code, name));
    if (person) return { kind: 'person', person, shown };
  }
  return null;
}

/** Whether it is the beginning or the end of a code that there is: the beam slipped off the label. */
function isHalf(text: string, known: Known): boolean {
  if (text.length < TELLING) return true;
  const lower = text.toLowerCase();
  const codes = [...[...known.parts].map((part) => part.number), ...[...known.places].map((place) => place.code), ...[...known.people].map((person) => person.code)];
  return codes.some((code) => code.length > lower.length && (code.toLowerCase().startsWith(lower) || code.toLowerCase().endsWith(lower)));
}

export function resolve(raw: string, known: Known): Scan {
  const reading = read(raw);
  if (reading.kind === 'half') return reading;
  const { code } = reading;
  const found = find(code, known);
  if (found) return found;
  // A piece's own label may have nothing but its serial number.
  if (code.serial && code.gtin === null) return { kind: 'text', shown: code.serial, doubtful: false };
  if (isHalf(code.shown, known)) return { kind: 'half', shown: code.shown };
  return { kind: 'text', shown: code.shown, doubtful: /^\d{12,14}$/.test(code.shown) && code.gtin === null };
}

/** By what the keys say, and if that is nothing known, by where they are. */
export function resolveBurst(burst: Burst, known: Known): Scan {
  const typed = resolve(burst.typed, known);
  if (typed.kind !== 'text' && typed.kind !== 'half') return typed;
  const physical = burst.physical === burst.typed ? typed : resolve(burst.physical, known);
  return physical.kind !== 'text' && physical.kind !== 'half' ? physical : burst.typed === '' ? physical : typed;
}
