import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toProblem } from '../api/problem';
import { locale } from './locale.svelte';
import { faultWords, fieldWords, problemWords, restWords } from './problems';
import { stockFault } from './stock-faults';

const chinese = /[\u4e00-\u9fff]/;
const fault = (code: string, message: string, field = 'x') => faultWords({ field, code, message });
/** The sources of the server: whoever adds a code there must give it words here. */
function serverSources(folder = new URL('../../../server/src', import.meta.url).pathname): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rs') && !entry.parentPath.includes('/demo'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}

beforeEach(() => locale.set('en'));
afterEach(() => locale.set('en'));

describe('a fault of a field', () => {
  it.each([
    ['required', 'must not be empty', 'This is needed.'],
    ['too_long', 'must have at most 200 characters', 'At most 200 characters.'],
    ['length', 'must have 10 to 200 characters', 'Between 10 and 200.'],
    ['out_of_range', 'must be between 1 and 9', 'Between 1 and 9.'],
    ['out_of_range', 'must be between -90 and 90 degrees', 'Between -90 and 90.'],
    ['out_of_range', 'lies in the future', 'Outside what is possible here.'],
    ['out_of_order', 'must be after starts_at', 'Must be later than the beginning.'],
    ['too_many', 'at most 50', 'At most 50.'],
    ['invalid', 'must be three capital letters, as in ISO 4217', 'Must be three capital letters, as in ISO 4217.'],
  ])('%s "%s" reads "%s"', (code, message, words) => {
    expect(fault(code, message)).toBe(words);
  });

  it('speaks Chinese to who reads Chinese, with the same numbers', () => {
    locale.set('zh-CN');
    expect(fault('out_of_range', 'must be between 1 and 9')).toBe('须在 1 到 9 之间。');
    expect(fault('invalid', 'must be three capital letters')).toMatch(chinese);
  });

  it('says of an e-mail address that it is none', () => {
    expect(fault('invalid', 'is wrong', 'email')).toBe('This is no e-mail address.');
  });

  it('keeps the sentence of a newer server', () => {
    expect(fault('too_heavy', 'weighs more than the lift carries')).toBe('weighs more than the lift carries');
  });

  it('has Chinese words for every code that the server’s checks use', () => {
    locale.set('zh-CN');
    const uses = serverSources().matchAll(/\.fault\([^,]+,\s*"([a-z_]+)"|\brequire\([^;]+?,\s*&?[\w"!\[\]{}.()]+,\s*"([a-z_]+)",/g);
    const codes = new Set([...uses].map((use) => use[1] ?? use[2] ?? ''));
    expect(codes.size).toBeGreaterThan(8);
    expect([...codes].filter((code) => !chinese.test(fault(code, 'must be between 1 and 2')))).toEqual([]);
  });
});

describe('a problem without a field', () => {
  it.each([0, 403, 412, 429])('has words of ours for status %d', (status) => {
    expect(problemWords(toProblem(status, { detail: 'raw' }), [])[0]).not.toBe('raw');
  });

  it('is told by its code, whatever the status', () => {
    expect(problemWords(toProblem(409, { code: 'no_difference', detail: 'The books say so already.' }), [])).toEqual(['The books say the same; nothing was changed.']);
  });

  it.each([
    ['excluded.workload', 'This engineer cannot take it now: Too much work in hand.', '该工程师目前无法承接：在手工单过多。'],
    ['excluded.off_shift', 'This engineer cannot take it now: Off shift.', '该工程师目前无法承接：未当班。'],
    ['illegal_step.cancelled', 'Its state does not allow this any more.', '当前状态不允许此操作。'],
  ])('of the family of %s is told with what it is about', (code, en, zh) => {
    expect(problemWords(toProblem(409, { code, detail: 'raw' }), [])).toEqual([en]);
    locale.set('zh-CN');
    expect(problemWords(toProblem(409, { code, detail: 'raw' }), [])).toEqual([zh]);
  });

  it('of a family that we do not know is left to the server', () => {
    expect(problemWords(toProblem(409, { code: 'odd.moon', detail: 'The moon is full.' }), [])).toEqual(['The moon is full.']);
    expect(problemWords(toProblem(409, { code: 'excluded', detail: 'Nobody.' }), [])).toEqual(['Nobody.']);
  });

  it('leaves words that we do not have to the server', () => {
    expect(problemWords(toProblem(409, { code: 'odd', detail: 'The moon is full.' }), [])).toEqual(['The moon is full.']);
  });

  it('names the field that the form does not have', () => {
    const problem = toProblem(422, { errors: [{ field: 'title', code: 'required', message: '' }, { field: 'colour', code: 'unknown', message: '' }] });
    expect(problemWords(problem, ['title'])).toEqual(['colour: Not known here.']);
  });

  it('says nothing more when every fault has its field', () => {
    expect(problemWords(toProblem(422, { errors: [{ field: 'title', code: 'required', message: '' }] }), ['title'])).toEqual([]);
  });

  it('has Chinese words for every conflict that the server knows', () => {
    locale.set('zh-CN');
    const codes = new Set([...serverSources().matchAll(/Problem::conflict\("([a-z_.]+)"/g)].map((use) => use[1] ?? ''));
    expect(codes.size).toBeGreaterThan(5);
    expect([...codes].filter((code) => !chinese.test(problemWords(toProblem(409, { code, detail: 'raw' }), [])[0] ?? ''))).toEqual([]);
  });
});

describe('a fault of goods', () => {
  const inventory = new URL('../../../inventory/src', import.meta.url).pathname;
  /** What the warehouse's and the phone's forms can be answered. */
  const FILES = ['pieces.rs', 'lots.rs', 'ledger', 'reservations', 'returns', 'counts', 'levels/mod.rs', 'lib.rs'];
  const sources = FILES.map((file) => (file.endsWith('.rs') ? readFileSync(join(inventory, file), 'utf8') : serverSources(join(inventory, file)))).join('\n');
  // What only a caller of the API can do.
  const NOT_OURS = new Set(['must be within a year', 'must be between 0 and 3,650']);

  it('has Chinese words for every sentence of the server', () => {
    locale.set('zh-CN');
    const said = [...sources.matchAll(/problem(?: =|:)\s*"([^"]+)"|invalid\((?:"[a-z_]+", )?"([^"]+)"\)/g)].map((found) => found[1] ?? found[2] ?? '');
    expect(new Set(said).size).toBeGreaterThan(25);
    expect([...new Set(said)].filter((one) => !NOT_OURS.has(one) && !chinese.test(stockFault(one) ?? ''))).toEqual([]);
  });

  it('names the number that is not known', () => {
    expect(fault('unknown', 'S-1 is not known', 'serials')).toBe('S-1 is not known here.');
    expect(fault('unknown', 'is no known part')).toBe('Not known here.');
  });
});

describe('a refusal that is nobody’s slip', () => {
  const elsewhere = toProblem(409, { code: 'serial_elsewhere', detail: 'raw', number: 'S-1' });
  it('stands at the field that it is about, with the number', () => {
    expect(fieldWords(elsewhere, 'serials')).toMatch(/^S-1: The books have/);
    expect(fieldWords(elsewhere, 'quantity')).toBeUndefined();
    expect(restWords(elsewhere, ['serials'])).toEqual([]);
    expect(fieldWords(toProblem(409, { code: 'shortage' }), 'quantity')).toBe(problemWords(toProblem(409, { code: 'shortage' }), [])[0]);
  });

  it('is not lost in a form without that field', () => {
    expect(restWords(elsewhere, ['note'])).toHaveLength(1);
    expect(restWords(toProblem(409, { code: 'no_van' }), ['quantity'])).toHaveLength(1);
  });

  it('leaves a named fault to its own words', () => {
    const both = toProblem(409, { code: 'shortage', errors: [{ field: 'quantity', code: 'required', message: '' }] });
    expect(fieldWords(both, 'quantity')).toBe('This is needed.');
  });
});
