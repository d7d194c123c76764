/**
 * What a bar code says, before anybody knows what it is: its plain text, or the fields of a GS1 element string. EAN and
 * UPC are checked by their last digit; a GS1 code that stops in the middle of a field is half a code.
 */
import { parseBarcode } from 'gs1-barcode-parser-mod';

/** What separates the fields of a GS1 code; a keyboard has no key for it. */
export const GS = '\u001d';

export interface Code {
  /** As somebody would write it; the separators of GS1 are shown as a blank. */
  shown: string;
  /** Names under which a part, a place or an engineer may be known, the surest first. */
  names: string[];
  gtin: string | null;
  serial: string | null;
  lot: string | null;
  /** The last day on which it may be used, `YYYY-MM-DD`. */
  expires: string | null;
  count: number | null;
}
export type Reading = { kind: 'code'; code: Code } | { kind: 'half'; shown: string };

/** ISO 15424: `]C1` before GS1-128, `]d2` before GS1 Data Matrix, `]Q3` before GS1 QR, `]e0` before GS1 DataBar, … */
const SYMBOLOGY = /^\](\w)(\w)/;
const GS1_SYMBOLOGIES = new Set(['C1', 'd2', 'Q3', 'e0', 'e1', 'e2', 'J1']);
const BRACKETED = /^\(\d{2,4}\)/;
/** The number of a trade item as such a code always has it: fourteen digits. */
const WIDTH = 14;

/** Whether the last digit of an EAN, UPC or GTIN is the one that the others give (modulo 10, weights 3 and 1). */
export function checkDigitFits(digits: string): boolean {
  const sum = [...digits].reverse().reduce((all, digit, i) => all + Number(digit) * (i % 2 === 1 ? 3 : 1), 0);
  return sum % 10 === 0;
}
/** 8, 12, 13 or 14 digits with a right check digit are the same trade item however many zeros are before them. */
export function gtinOf(text: string): string | null {
  return /^(\d{8}|\d{12,14})$/.test(text) && checkDigitFits(text) ? text.padStart(WIDTH, '0') : null;
}

const plain = (text: string): Code => ({ shown: text, names: [text], gtin: gtinOf(text), serial: null, lot: null, expires: null, count: null });

/** The parser makes a date of it at midnight here; a day without a number is the last of its month. */
const dayOf = (data: unknown): string | null => {
  if (!(data instanceof Date)) return null;
  const two = (part: number) => String(part).padStart(2, '0');
  return `${data.getFullYear()}-${two(data.getMonth() + 1)}-${two(data.getDate())}`;
};

function ofElements(text: string, shown: string): Reading {
  let items: { ai: string; data: unknown }[];
  try {
    items = parseBarcode(text).parsedCodeItems;
  } catch {
    return { kind: 'half', shown };
  }
  const field = (...ais: string[]) => {
    const found = items.find((item) => ais.includes(item.ai));
    return found === undefined ? null : String(found.data).trim();
  };
  const gtin = field('01', '02');
  if (items.length === 0 || items.some((item) => String(item.data) === '') || (gtin !== null && gtinOf(gtin) === null)) return { kind: 'half', shown };
  const count = Number(field('30', '37') ?? Number.NaN);
  // 240 and 241 are the part's number with its maker and with us; 414, 254 and 00 name places and boxes.
  const names = [field('241'), field('240'), gtin, field('414'), field('254'), field('00'), field('91'), field('99')].filter((name): name is string => Boolean(name));
  return { kind: 'code', code: { shown, names, gtin, serial: field('21', '8004'), lot: field('10'), expires: dayOf(items.find((item) => item.ai === '17')?.data), count: Number.isSafeInteger(count) && count > 0 ? count : null } };
}

export function read(raw: string): Reading {
  const symbology = SYMBOLOGY.exec(raw)?.slice(1).join('');
  const text = raw.replace(SYMBOLOGY, '').replace(new RegExp(`^${GS}+|${GS}+$`, 'g'), '').trim();
  const shown = text.replaceAll(GS, ' ');
  if (text === '') return { kind: 'half', shown };
  if (symbology ? GS1_SYMBOLOGIES.has(symbology) : text.includes(GS) || BRACKETED.test(text)) return ofElements(text, shown);
  // A scanner that is not told to say what it read leaves out the sign before GS1; only a whole trade item is taken for it.
  const bare = /^01(\d{14})/.exec(text)?.[1];
  if (bare && checkDigitFits(bare)) return ofElements(text, shown);
  if (symbology === 'E0' && gtinOf(text) === null) return { kind: 'half', shown };
  return { kind: 'code', code: plain(text) };
}
