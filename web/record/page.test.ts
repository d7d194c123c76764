/** What the page says of a bundle, in both languages. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import '../test/globals';
import { locale } from '$shared/i18n/text';
import { draw } from '../test/render';
import App from './App.svelte';
import type { Bundle } from './bundle';
import { check, type Fault } from './check';
import Verdict from './Verdict.svelte';
import { faultText, linesOf } from './words';

const file = JSON.parse(readFileSync(new URL('../../record/vectors/bundles.json', import.meta.url), 'utf8')) as { cases: { name: string; bundle: Bundle }[] };
const report = async (name: string) => check(file.cases.find((one) => one.name === name)?.bundle as Bundle, null);
afterEach(() => locale.set('en'));

describe('the verdict', () => {
  it('says that all is as it was, what was erased, and that the key has to be compared', async () => {
    const drawn = draw(Verdict, { report: await report('good'), trusted: false, name: 'a.json' });
    expect(drawn.text).toContain('All 6 entries are as they were at');
    expect(drawn.text).toContain('3p');
    expect(drawn.text).toContain('Compare its fingerprint');
  });

  it('names the entry that is missing, in both languages', async () => {
    const missing = await report('an entry in between dropped');
    expect(draw(Verdict, { report: missing, trusted: true, name: '' }).text).toContain('Entry 3 is missing.');
    locale.set('zh-CN');
    expect(draw(Verdict, { report: missing, trusted: true, name: '' }).text).toContain('缺少条目 3');
  });
});

describe('the entries', () => {
  it('tell who did what when, with before and after, and which has a fault', async () => {
    const lines = linesOf(await report('a byte of the open text'));
    expect(lines.map((line) => line.entry)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lines[0]).toMatchObject({ number: 5, who: 'alex "the" dispatcher', gone: false, faults: [] });
    expect(lines[0]?.changes).toContainEqual({ field: 'text', before: '', after: 'ring 5 times 请按铃' });
    expect(lines[1]?.faults).toEqual([{ code: 'open', entry: 2 }]);
    expect(lines[2]?.gone).toBe(true);
    expect(lines[3]?.why).toContain('policy_version');
  });

  it('of the same row are compared with each other', async () => {
    const judged = await report('good');
    const [first, second] = judged.entries;
    if (!first || !second) throw new Error('no entries');
    const same = { ...second, leaf: { ...second.leaf, entity: first.leaf.entity, row_id: first.leaf.row_id } };
    const lines = linesOf({ ...judged, entries: [first, same] });
    expect(lines[1]?.changes).toContainEqual({ field: 'text', before: 'ring 5 times 请按铃', after: 'ring 8 times 请按铃' });
    expect(lines[1]?.changes.map((change) => change.field)).not.toContain('minutes');
  });
});

describe('the page', () => {
  it('asks for a file and a key, and has words for each fault', () => {
    const drawn = draw(App, {});
    expect(drawn.text).toContain('It stays in this browser');
    expect(drawn.tags('input')).toHaveLength(2);
    const codes: Fault['code'][] = ['format', 'key', 'head', 'statement', 'unreadable', 'altered', 'open', 'personal', 'why', 'open_withheld', 'personal_withheld', 'foreign', 'missing', 'twice', 'order', 'chain', 'last'];
    for (const code of codes) expect(faultText({ code, entry: 7 })).not.toBe('');
  });
});
