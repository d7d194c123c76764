// "None there" while picking, with the warehouse's own modules against the stand-in: the shelf gets its count.
import '../test/globals';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Part, Reservation, StockLocation } from '$shared/api/types';
import { standIn, type StandIn } from '../test/stand-in';

let server: StandIn;
let missed: (typeof import('./missing'))['missed'];
let counts: (typeof import('./count/counts.svelte'))['counts'];
let stock: (typeof import('./stock.svelte'))['stock'];
let east: StockLocation;
beforeAll(async () => {
  server = await standIn();
  vi.resetModules();
  ({ missed } = await import('./missing'));
  ({ counts } = await import('./count/counts.svelte'));
  ({ stock } = await import('./stock.svelte'));
  east = server.db.locations.find((place) => place.kind === 'depot') as StockLocation;
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.as('store');
  await stock.reload();
});

const [roller, other] = ['DR-110', 'BR-007'];
const part = (number: string) => server.db.parts.find((one) => one.number === number) as Part;
const line = (number: string) => ({ part_id: part(number).id, part_number: number, location_id: east.id, location_code: east.code, ticket_number: 1042 }) as Reservation;
const running = async () => {
  const count = counts.running(east.id);
  if (!count) throw new Error('no count runs there');
  await counts.read(count.id);
  return counts.view?.lines.map((one) => [one.part_number, one.counted]);
};

describe('a part that is not where it should be', () => {
  it('with serial numbers has no count, and the picker is told what to do', async () => {
    expect(await missed(line('EN-512'))).toMatchObject({ done: false, text: expect.stringContaining('serial numbers') });
    expect(counts.running(east.id)).toBeUndefined();
  });

  it('opens a blind count of this part alone, named in the list of counts', async () => {
    expect(await missed(line(roller))).toEqual({ done: true, text: `A count of it at ${east.code} is open: it stands under Count.` });
    expect(counts.running(east.id)).toMatchObject({ status: 'open', blind: true, note: `${roller} · #1042` });
    expect(await running()).toEqual([[roller, null]]);
  });

  it('that the running count has to look for anyway changes nothing', async () => {
    expect((await missed(line(roller))).text).toContain('still to be counted');
    expect(await running()).toEqual([[roller, null]]);
  });

  it('becomes a figure of the count that runs there, if it did not ask for it', async () => {
    expect(await missed(line(other))).toMatchObject({ done: true, text: expect.stringContaining('goes into that count') });
    expect(await running()).toEqual([[other, 0], [roller, null]]);
  });

  it('waits where a count is handed in, and says so', async () => {
    await counts.enter(part(roller), 0);
    await counts.step('submit');
    expect(await missed(line(roller))).toMatchObject({ done: false, text: expect.stringContaining('waits for approval') });
  });

  it('is not lost without a word where the server refuses', async () => {
    const asked = await missed({ ...line(roller), location_id: 'nowhere', location_code: 'X-1' });
    expect(asked.done).toBe(false);
    expect(asked.text).toContain('X-1');
  });
});
