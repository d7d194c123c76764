import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engineer } from '../../test/samples';
import { openWindow, page, Refused, serve, settled, type Answers, type Asked } from '../../test/window';
import { holdersOf } from './holders';
import { emptyPlace, matching, placeBody } from './place-values';

const DAY = 86_400_000;
const now = 100 * DAY;
afterEach(() => vi.unstubAllGlobals());

describe('a new place', () => {
  const typed = { ...emptyPlace(), code: ' D-9 ', name: ' North ', latitude: 40.7, longitude: -73.9, engineer_id: 'e1' };

  it('is a depot with its coordinates, or a van with its engineer, and never something of both', () => {
    expect(placeBody(typed)).toEqual({ kind: 'depot', code: 'D-9', name: 'North', latitude: 40.7, longitude: -73.9 });
    expect(placeBody({ ...typed, kind: 'van' })).toEqual({ kind: 'van', code: 'D-9', name: 'North', engineer_id: 'e1' });
  });

  it('without what it needs is sent as it is: the server says what is missing, at its field', () => {
    expect(placeBody({ ...emptyPlace(), kind: 'van' })).toEqual({ kind: 'van', code: '', name: '' });
    expect(placeBody(emptyPlace())).toMatchObject({ latitude: null, longitude: null });
  });
});

describe('searching what is all there', () => {
  const rows = [{ code: 'D-EAST', name: 'Depot East 44th' }, { code: 'V-01', name: '李芳的车载库' }, { code: 'V-02', name: null }];
  const found = (words: string) => matching(rows, words, (row) => [row.code, row.name]).map((row) => row.code);

  it('finds all words, in any field and case', () => {
    expect(found('')).toEqual(['D-EAST', 'V-01', 'V-02']);
    expect(found('  ')).toHaveLength(3);
    expect(found('EAST depot')).toEqual(['D-EAST']);
    expect(found('李芳')).toEqual(['V-01']);
    expect(found('v-0')).toEqual(['V-01', 'V-02']);
    expect(found('east west')).toEqual([]);
  });

  it('does not find the word for nothing', () => {
    expect(found('null')).toEqual([]);
  });
});

describe('who holds a skill', () => {
  const certificate = (id: string, skill: string, level: number, until: number | null, from = 0) =>
    ({ id, engineer_id: 'e', skill, level, number: id, valid_from: from * DAY, valid_until: until === null ? null : until * DAY });
  const people = [
    engineer({ id: 'e1', name: 'Anna', certificates: [certificate('c1', 'A', 1, null), certificate('c2', 'B', 3, null)] }),
    engineer({ id: 'e2', name: 'Bert', certificates: [certificate('c3', 'A', 3, 50)] }),
    engineer({ id: 'e3', name: 'Carl', certificates: [certificate('c4', 'A', 2, 110), certificate('c5', 'A', 1, null, 200)] }),
    engineer({ id: 'e4', name: 'Dora', active: false, certificates: [certificate('c6', 'A', 3, null)] }),
  ];

  it('is told for that skill only: who is valid first, the highest level first, what has ended last', () => {
    expect(holdersOf('A', people, now).map((holder) => [holder.certificate.id, holder.state]))
      .toEqual([['c4', 'ending'], ['c1', 'valid'], ['c5', 'future'], ['c3', 'expired']]);
  });

  it('is nobody who no longer works here', () => {
    expect(holdersOf('A', people, now).some((holder) => holder.engineer.name === 'Dora')).toBe(false);
    expect(holdersOf('Z', people, now)).toEqual([]);
  });
});

describe('the catalogue', () => {
  const part = { id: 'p1', number: 'DR-110', name: 'Door roller', name_zh: '门滑轮', decimals: 0 };
  const places = [{ id: 'd', kind: 'depot', code: 'D-EAST' }, { id: 'v', kind: 'van', code: 'V-01' }, { id: 's', kind: 'supplier', code: 'SUPPLIER' }];
  const answers: Answers = {
    'GET /api/v1/skills': page([{ code: 'A', name: 'Traction lift', name_zh: '曳引电梯' }]),
    'GET /api/v1/parts': page([part]),
    'GET /api/v1/stock-locations': page(places),
    'POST /api/v1/session': { user: { role: 'warehouse' } },
  };
  let asked: Asked[];
  beforeEach(() => {
    vi.resetModules();
    openWindow('/');
    asked = serve(answers);
  });
  const load = async () => (await import('../catalogue.svelte')).catalogue;
  const paths = () => asked.filter((one) => one.method === 'GET').map((one) => one.path);

  it('is read once, when a screen first needs it', async () => {
    const catalogue = await load();
    expect(paths()).toEqual([]);
    catalogue.need();
    catalogue.need();
    await settled();
    expect(paths().sort()).toEqual(['/api/v1/parts', '/api/v1/skills', '/api/v1/stock-locations']);
    expect([catalogue.part('p1')?.number, catalogue.place('d')?.code, catalogue.skillName('A')]).toEqual(['DR-110', 'D-EAST', 'Traction lift']);
  });

  it('offers depots and vans, but knows the outside places, which movements name', async () => {
    const catalogue = await load();
    catalogue.need();
    await settled();
    expect(catalogue.places.map((place) => place.id)).toEqual(['d', 'v']);
    expect(catalogue.place('s')?.code).toBe('SUPPLIER');
  });

  it('is read again after something was edited', async () => {
    const catalogue = await load();
    catalogue.need();
    await settled();
    asked = serve({ ...answers, 'GET /api/v1/parts': page([{ ...part, number: 'DR-111' }]) });
    catalogue.reload();
    await settled();
    expect(catalogue.part('p1')?.number).toBe('DR-111');
  });

  it('that could not be read is asked for again by the next screen', async () => {
    asked = serve({ 'GET /api/v1/parts': new Refused(503, { code: 'busy' }) });
    const catalogue = await load();
    catalogue.need();
    await settled();
    asked = serve(answers);
    catalogue.need();
    await settled();
    expect(catalogue.part('p1')?.number).toBe('DR-110');
  });

  it('shows a code that it does not know as it is', async () => {
    const catalogue = await load();
    expect([catalogue.skillName('NEW-1'), catalogue.part('x'), catalogue.place('y')]).toEqual(['NEW-1', undefined, undefined]);
  });

  it('does not ask for skills where they are refused: in the warehouse', async () => {
    const { session } = await import('$shared/session.svelte');
    await session.logIn('store', 'secret');
    (await load()).need();
    await settled();
    expect(paths().sort()).toEqual(['/api/v1/parts', '/api/v1/stock-locations']);
  });
});
