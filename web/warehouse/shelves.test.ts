// What the warehouse's screens do with the server: proposals, levels, counts and old parts, with their own modules, against the stand-in.
import '../test/globals';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Part, StockLocation, UsedPart } from '$shared/api/types';
import { standIn, type StandIn } from '../test/stand-in';

let server: StandIn;
let stock: (typeof import('./stock.svelte'))['stock'];
let undo: (typeof import('./undo.svelte'))['undo'];
let counts: (typeof import('./count/counts.svelte'))['counts'];
let used: (typeof import('./used/used.svelte'))['used'];
let lists: typeof import('./replenish/lists.svelte');
let keep: typeof import('./replenish/keep');
let transfer: (typeof import('./replenish/transfer'))['transfer'];
let movesOf: (typeof import('./replenish/propose'))['movesOf'];
let east: StockLocation;
let west: StockLocation;
beforeAll(async () => {
  server = await standIn();
  vi.resetModules();
  ({ stock } = await import('./stock.svelte'));
  ({ undo } = await import('./undo.svelte'));
  ({ counts } = await import('./count/counts.svelte'));
  ({ used } = await import('./used/used.svelte'));
  lists = await import('./replenish/lists.svelte');
  keep = await import('./replenish/keep');
  ({ transfer } = await import('./replenish/transfer'));
  ({ movesOf } = await import('./replenish/propose'));
  [east, west] = server.db.locations.filter((place) => place.kind === 'depot') as [StockLocation, StockLocation];
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.as('store');
  await stock.reload();
  undo.clear();
});

const part = (number: string) => server.db.parts.find((one) => one.number === number) as Part;
const onHand = async (of: Part, at: StockLocation) => {
  await stock.reloadMoving();
  return stock.balances.find((one) => one.part_id === of.id && one.location_id === at.id)?.on_hand ?? 0;
};
const ofPart = (number: string, more: object = {}) => ({ kind: 'part' as const, part: part(number), serial: null, lot: null, expires: null, count: null, shown: number, ...more });
const ofPlace = (place: StockLocation) => ({ kind: 'place' as const, place, shown: place.code });

describe('a proposal', () => {
  it('becomes true with one press, and goes back with another', async () => {
    await lists.low.reload();
    const row = lists.low.rows.find((one) => one.transfers.length > 0 && stock.parts.get(one.part_id)?.tracking === 'none');
    if (!row) throw new Error('the stand-in proposes no transfer');
    const [of, place] = [stock.parts.get(row.part_id) as Part, stock.locations.get(row.location_id) as StockLocation];
    const before = await onHand(of, place);
    const amount = row.transfers.reduce((sum, one) => sum + one.quantity, 0);
    expect((await transfer(of, movesOf(row), place.code)).tone).toBe('good');
    expect(await onHand(of, place)).toBe(before + amount);
    expect(await undo.back()).toHaveProperty('done');
    expect(await onHand(of, place)).toBe(before);
  });

  it('that came too late says so, and what was moved before can go back', async () => {
    const of = part('DR-110');
    await server.call('POST', '/stock-movements', { kind: 'receive', part_id: of.id, quantity: 5, to_location_id: west.id });
    const before = await onHand(of, west);
    const said = await transfer(of, [{ from: west.id, to: east.id, quantity: 1 }, { from: west.id, to: east.id, quantity: 100_000 }], east.code);
    expect([said.tone, await onHand(of, west)]).toEqual(['wrong', before - 1]);
    await undo.back();
    expect(await onHand(of, west)).toBe(before);
  });

  it('is read again, and says when it could not be', async () => {
    await Promise.all([lists.topUps.reload(), lists.purchases.reload(), lists.review.reload()]);
    expect([lists.topUps.loaded, lists.purchases.rows.length > 0, lists.review.rows.length]).toEqual([true, true, 5]);
    const broken = new lists.List(() => Promise.reject(new Error('gone')));
    await broken.reload();
    expect([broken.failed, broken.loaded]).toEqual([true, false]);
  });
});

describe('a level', () => {
  const at = (place: StockLocation) => lists.levels.rows.find((one) => one.part_id === part('RL-008').id && one.location_id === place.id);

  it('is kept, changed, forgotten, and each of it taken back', async () => {
    const body = { part_id: part('RL-008').id, location_id: east.id, minimum: 2, maximum: 5, lead_days: 3 };
    await keep.keep(body, null, 'new');
    expect(at(east)).toMatchObject({ minimum: 2, maximum: 5, lead_days: 3 });
    await keep.keep({ ...body, minimum: 4 }, at(east) ?? null, 'changed');
    expect(at(east)?.minimum).toBe(4);
    await undo.back();
    expect(at(east)?.minimum).toBe(2);
    const level = at(east);
    if (level) await keep.forget(level, 'forgotten');
    expect(at(east)).toBeUndefined();
    await undo.back();
    expect(at(east)?.minimum).toBe(2);
    await undo.back();
    expect(at(east)).toBeUndefined();
  });

  it('is refused by the server where it makes no sense', async () => {
    const body = { part_id: part('RL-008').id, location_id: east.id, minimum: 6, maximum: 5, lead_days: 3 };
    await expect(keep.keep(body, null, '')).rejects.toMatchObject({ status: 422 });
    expect(undo.last).toBeNull();
  });
});

describe('a count', () => {
  const counted = (number: string) => counts.view?.lines.find((one) => one.part_id === part(number).id)?.counted;

  it('goes from scan to scan, tells each one, and takes each one back', async () => {
    await counts.start(east.id, true);
    expect((await counts.hear(ofPart('DR-110'))).tone).toBe('wrong');
    await counts.hear(ofPlace(east));
    for (let i = 0; i < 2; i += 1) await counts.hear(ofPart('DR-110'));
    expect(counted('DR-110')).toBe(2);
    expect(counts.view?.lines.every((one) => one.expected == null)).toBe(true);
    await undo.back();
    await undo.back();
    expect(counted('DR-110')).toBeNull();
    expect((await counts.hear(ofPart('EN-512'))).tone).toBe('wrong');
    expect(await counts.hear(ofPart('OV-068'))).toMatchObject({ tone: 'good' });
    expect(counted('OV-068')).toBeNull();
  });

  it('is handed in when all is counted, and only the office makes it true', async () => {
    await expect(counts.step('submit')).rejects.toMatchObject({ code: 'count_incomplete' });
    const of = part('DR-110');
    const books = await onHand(of, east);
    for (const line of counts.view?.lines ?? []) await counts.enter(part(line.part_number), line.part_id === of.id ? books + 3 : stock.balances.find((one) => one.part_id === line.part_id && one.location_id === east.id)?.on_hand ?? 0);
    await counts.step('submit');
    expect([counts.view?.count.status, undo.last]).toEqual(['submitted', null]);
    expect(counts.view?.lines.filter((one) => one.difference !== 0).map((one) => one.difference)).toEqual([3]);
    await expect(counts.step('approve')).rejects.toMatchObject({ status: 403 });
    expect((await counts.hear(ofPart('DR-110'))).tone).toBe('wrong');
    await server.as('dispatch');
    await counts.step('approve');
    expect([counts.view?.count.status, await onHand(of, east)]).toEqual(['approved', books + 3]);
  });

  it('leads by the next place’s label to its count, or to where one is begun', async () => {
    await counts.start(west.id, false);
    const id = counts.view?.count.id;
    await counts.hear(ofPlace(east));
    expect([counts.chosen, location.hash]).toEqual([east.id, '#count']);
    await counts.goTo(west.id);
    expect([location.hash, counts.state.here]).toEqual([`#count/${id}`, true]);
    expect(counts.view?.lines.every((one) => one.expected != null)).toBe(true);
  });

  it('says what the server refuses', async () => {
    expect(await counts.enter(part('EN-512'), 1)).toMatchObject({ tone: 'wrong' });
    await counts.read('nobody');
    expect(counts.failed).toBe(true);
  });
});

describe('old parts', () => {
  const find = (wanted: (row: UsedPart) => boolean) => server.shelves.oldParts.find(wanted) as UsedPart;
  beforeEach(async () => {
    await used.reload();
    used.setPlace(east.id);
  });

  it('stay in hand until the next one comes, and can be put down till then', async () => {
    const belt = find((row) => row.part_id === part('DR-212').id);
    expect((await used.hear(ofPart('DR-212'))).tone).toBe('good');
    expect([used.row?.id, used.state.line, belt.status]).toEqual([belt.id, belt.id, 'expected']);
    expect([used.stepBack(), used.stepBack(), belt.status]).toEqual([true, false, 'expected']);
    await used.hear(ofPart('DR-212'));
    used.setGrade('repair');
    await used.hear(ofPart('EN-512', { serial: 'ENC-77412' }));
    expect([belt.status, belt.grade, used.row?.serial]).toEqual(['graded', 'repair', 'ENC-77412']);
  });

  it('are graded when somebody says so, and stock only then', async () => {
    used.setGrade('reusable');
    used.setGrade('reusable');
    expect(used.desk.hand?.grade).toBeNull();
    used.setGrade('reusable');
    const before = await onHand(part('EN-512'), east);
    expect((await used.finish())?.tone).toBe('good');
    expect([await onHand(part('EN-512'), east), used.desk.hand, await used.finish()]).toEqual([before + 1, null, null]);
  });

  it('come in part, and the rest stays expected', async () => {
    await used.hear(ofPart('CT-040'));
    used.setCount(2);
    used.setCount(9);
    expect(used.desk.hand?.quantity).toBe(2);
    await used.finish();
    expect(used.expected.rows.filter((row) => row.part_id === part('CT-040').id).map((row) => row.quantity)).toEqual([1]);
    expect(used.received.rows.find((row) => row.part_id === part('CT-040').id)?.quantity).toBe(2);
  });

  it('that lie there are graded later, by hand', async () => {
    const row = used.received.rows[0] as UsedPart;
    await used.take(row);
    expect(await used.finish()).toMatchObject({ tone: 'good' });
    expect(find((one) => one.id === row.id).status).toBe('received');
    await used.take(row);
    used.setGrade('scrap');
    await used.finish();
    expect(find((one) => one.id === row.id)).toMatchObject({ status: 'graded', grade: 'scrap' });
  });

  it('that somebody else took in meanwhile stay in hand with the reason', async () => {
    const [row] = used.expected.rows as [UsedPart];
    await used.take(row);
    await server.call('POST', `/used-part-returns/${row.id}/receive`, { location_id: west.id });
    expect((await used.finish())?.tone).toBe('wrong');
    used.stepBack();
  });

  it('that will not come are waived with a reason', async () => {
    const [row] = used.expected.rows as [UsedPart];
    await used.waive(row, 'the customer keeps it');
    expect(used.expected.rows.some((one) => one.id === row.id)).toBe(false);
  });

  it('are refused by name where nobody has to bring them', async () => {
    expect(await used.hear(ofPart('ST-044'))).toMatchObject({ tone: 'wrong', title: expect.stringContaining('ST-044') });
    await used.hear({ kind: 'person', person: { id: 'nobody', code: 'E-99', name: '' }, shown: 'E-99' });
    used.anybody();
    expect(used.desk.person).toBeNull();
  });
});
