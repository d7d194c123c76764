import '../../test/globals';
import { describe, expect, it } from 'vitest';
import type { Part, Scanned, StockLocation } from '$shared/api/types';
import { Refused, serve } from '../../test/window';
import type { Scan } from './lookup';
import { Remote, scanOf, worthAsking } from './remote';
import { scanner } from './scanner.svelte';

const roller = { id: 'a', number: 'DR-110', name: 'Door roller', tracking: 'none', decimals: 0 } as Part;
const nothing: Scanned = { kind: 'part', place: null, part: null, piece: null, engineer: null, reservation: null, lot: null, serial: null, expires_on: null };
const EAN = '4006381333931';
const GS1 = `]C101${EAN.padStart(14, '0')}37\u001d`;

describe('what the server knows of a code', () => {
  it('is a part with all that its label says, how many are in the box included', () => {
    const scan = scanOf({ ...nothing, part: roller, lot: 'L7', serial: 'S1' }, `]C101${EAN.padStart(14, '0')}3012`, new Map());
    expect(scan).toMatchObject({ kind: 'part', part: roller, lot: 'L7', serial: 'S1', count: 12 });
  });

  it('is the part as the page has it, if it has it', () => {
    const ours = { ...roller, name_zh: '门滑轮' };
    expect(scanOf({ ...nothing, part: roller }, EAN, new Map([['a', ours]]))).toMatchObject({ part: ours, serial: null, count: null, shown: EAN });
  });

  it('is a piece with its number, a place or a badge; a reservation is none of these', () => {
    const piece = scanOf({ ...nothing, kind: 'piece', part: roller, piece: { number: 'S-9' } as Scanned['piece'] }, 'S-9', new Map());
    expect(piece).toMatchObject({ kind: 'part', serial: 'S-9' });
    expect(scanOf({ ...nothing, kind: 'place', place: { id: 'p', code: 'B-1' } as StockLocation }, 'B-1', new Map())).toMatchObject({ kind: 'place', shown: 'B-1' });
    expect(scanOf({ ...nothing, kind: 'engineer', engineer: { id: 'e', code: 'E-7', name: 'Ann' } }, 'E-7', new Map())).toMatchObject({ kind: 'person', person: { id: 'e', code: 'E-7', name: 'Ann' } });
    expect(scanOf({ ...nothing, kind: 'reservation' }, 'r', new Map())).toBeNull();
  });

  it.each<[Scan['kind'], string, boolean]>([['text', EAN, true], ['half', 'DR-1', true], ['half', GS1, false], ['half', '', false], ['part', EAN, false], ['place', 'X-1', false]])('is asked for when the page has %s of %o: %s', (kind, raw, asked) => {
    expect(worthAsking({ kind, shown: raw } as Scan, raw)).toBe(asked);
  });
});

describe('asking the server', () => {
  it('is done once for what it knows, and again for what it does not', async () => {
    let known = false;
    const asked = serve({ 'GET /api/v1/scan': () => (known ? { ...nothing, part: roller } : new Refused(404, { code: 'unknown_code' })) });
    const remote = new Remote(() => new Map());
    expect(await remote.lookUp(EAN)).toBeNull();
    known = true;
    expect(await remote.lookUp(EAN)).toMatchObject({ part: roller });
    expect(await remote.lookUp(EAN)).toMatchObject({ part: roller });
    expect(asked.map((one) => one.query.get('code'))).toEqual([EAN, EAN]);
  });

  it('gives up where the server is gone: the page’s own answer counts then', async () => {
    serve({ 'GET /api/v1/scan': new Refused(0) });
    expect(await new Remote(() => new Map()).lookUp(EAN)).toBeNull();
  });
});

describe('a scan', () => {
  const heard: Scan[] = [];
  const listen = () => scanner.listen((scan) => { heard.push(scan); return { tone: 'good', title: '' }; });

  it('that the page knows is not asked for, another one is', async () => {
    const asked = serve({ 'GET /api/v1/scan': { ...nothing, part: roller } });
    const remote = new Remote(() => new Map());
    const deaf = scanner.start(() => ({ parts: [{ ...roller, number: 'BR-007' }], places: [], people: [] }), (code) => remote.lookUp(code));
    const gone = listen();
    await scanner.take('BR-007');
    expect([heard.at(-1)?.kind, asked.length]).toEqual(['part', 0]);
    await scanner.take(EAN);
    expect([heard.at(-1), asked.length]).toMatchObject([{ kind: 'part', part: roller }, 1]);
    gone();
    deaf();
  });

  it('that nobody knows stays what it was', async () => {
    serve({ 'GET /api/v1/scan': new Refused(404, { code: 'unknown_code' }) });
    const remote = new Remote(() => new Map());
    const deaf = scanner.start(() => ({ parts: [], places: [], people: [] }), (code) => remote.lookUp(code));
    const gone = listen();
    await scanner.take('SN-4711');
    expect(heard.at(-1)).toEqual({ kind: 'text', shown: 'SN-4711', doubtful: false });
    gone();
    deaf();
  });
});
