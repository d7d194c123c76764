/** The same vectors as the verifiers in Rust and Python replay, and files that are no bundles. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { read, type Bundle } from './bundle';
import { check, type Report } from './check';
import { able, readKey } from './note';

interface Vectors {
  key: string;
  cases: { name: string; faults: string[]; with_key: string[]; bundle: Bundle }[];
}
const vectors = JSON.parse(readFileSync(new URL('../../record/vectors/bundles.json', import.meta.url), 'utf8')) as Vectors;
const named = (report: Report) => report.faults.map(({ code, entry }) => (entry === null ? code : `${code} ${entry}`)).sort();
const good = vectors.cases[0]?.bundle as Bundle;

describe('a bundle', () => {
  it.each(vectors.cases.map((one) => [one.name, one] as const))('%s: the faults are those that every verifier names', async (_, one) => {
    expect(named(await check(one.bundle, null))).toEqual(one.faults);
    expect(named(await check(one.bundle, await readKey(vectors.key)))).toEqual(one.with_key);
  });

  it('tells of which ticket it is, how many entries it has and what was erased', async () => {
    const report = await check(good, null);
    expect(report.statement).toMatchObject({ entries: 6, erased: ['3p'], size: 300 });
    expect(report.entries.map((one) => one.leaf.number)).toEqual([5, 8, 11, 14, 17, 20]);
    expect(report.key?.fingerprint).toMatch(/^[\da-f]{64}$/);
  });
});

describe('a file', () => {
  it('is a bundle only with all of its fields', () => {
    expect(read(JSON.stringify(good))).toEqual(good);
    for (const file of ['', '[]', 'null', '{}', '{"format":1}', JSON.stringify({ ...good, entries: [{}] }), JSON.stringify({ ...good, head: null })]) {
      expect(read(file)).toBeNull();
    }
  });
});

describe('this browser', () => {
  it('can judge, and a mistyped key is none', async () => {
    expect(await able()).toBe(true);
    expect(await readKey(vectors.key.replace('+', '-'))).toBeNull();
    expect(await readKey(`${vectors.key.slice(0, 20)}0${vectors.key.slice(21)}`)).toBeNull();
    expect((await readKey(` ${vectors.key}\n`))?.text).toBe(vectors.key);
  });
});
