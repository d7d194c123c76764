// What the warehouse's pages do to stock, with their own modules, against the stand-in server over HTTP.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Part, Reservation, StockLocation, StockMovement } from '$shared/api/types';
import { standIn, type StandIn } from '../test/stand-in';
import { emptyDraft, toMovement, type Draft } from './movement';

let server: StandIn;
let stock: (typeof import('./stock.svelte'))['stock'];
let part: Part;
let east: StockLocation;
let west: StockLocation;
beforeAll(async () => {
  server = await standIn();
  vi.resetModules();
  ({ stock } = await import('./stock.svelte'));
  part = server.db.parts[0] as Part;
  [east, west] = server.db.locations.filter((place) => place.kind === 'depot') as [StockLocation, StockLocation];
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.as('store');
  await server.call('POST', '/stock-movements', { kind: 'receive', part_id: part.id, quantity: 20, to_location_id: east.id });
  await stock.reload();
});

const at = (place: StockLocation, of = part) => stock.balances.find((one) => one.part_id === of.id && one.location_id === place.id) ?? { on_hand: 0, reserved: 0, available: 0 };
const everywhere = () => stock.balances.filter((one) => one.part_id === part.id).reduce((sum, one) => sum + one.on_hand, 0);
const book = async (draft: Partial<Draft>) => {
  const body = toMovement({ ...emptyDraft(), part, to: east.id, ...draft });
  const answer = await server.call('POST', '/stock-movements', body);
  await stock.reloadMoving();
  return answer;
};
async function ticketOf(more: object = {}): Promise<string> {
  const asset_id = server.db.assets[0]?.id;
  await server.as('dispatch');
  const { body } = await server.call<{ id: string }>('POST', '/tickets', { kind: 'repair', priority: 2, title: 'Doors hum', asset_id, dispatch: 'manual', ...more });
  return body.id;
}
const reserve = (ticket_id: string, quantity: number, location_id?: string) =>
  server.call<{ items: Reservation[]; code?: string }>('POST', '/reservations', { ticket_id, part_id: part.id, quantity, ...(location_id ? { location_id } : {}) });
/** A reservation for somebody's ticket, picked and handed over. */
async function handedOver(quantity: number): Promise<Reservation> {
  const ticket = await ticketOf();
  await server.call('POST', `/tickets/${ticket}/assignments`, { engineer_id: server.db.engineers[0]?.id, reason: 'test' });
  const [made] = (await reserve(ticket, quantity, east.id)).body.items as [Reservation];
  for (const act of ['pick', 'issue']) expect((await server.call('POST', `/reservations/${made.id}/${act}`, {})).status).toBe(200);
  await stock.reloadMoving();
  return stock.out.find((one) => one.id === made.id) as Reservation;
}
const giveBack = async (one: Reservation, quantity: number) => {
  const answer = await server.call('POST', `/reservations/${one.id}/return`, { quantity, location_id: west.id });
  await stock.reloadMoving();
  return answer;
};

describe('a movement', () => {
  it('from place to place changes both, and nothing in all', async () => {
    const [before, there, all] = [at(east).on_hand, at(west).on_hand, everywhere()];
    expect((await book({ kind: 'transfer', from: east.id, to: west.id, typed: '3' })).status).toBe(201);
    expect([at(east).on_hand, at(west).on_hand, everywhere()]).toEqual([before - 3, there + 3, all]);
  });

  it('of more than is free is refused, and changes nothing', async () => {
    const before = at(east).on_hand;
    const answer = await book({ kind: 'transfer', from: east.id, to: west.id, typed: '99999' });
    expect([answer.status, answer.body['code'], at(east).on_hand]).toEqual([409, 'shortage', before]);
  });

  it('that counts sets the books to the count, and says so when they agree already', async () => {
    expect((await book({ kind: 'adjust', typed: '11' })).status).toBe(201);
    expect(at(east).on_hand).toBe(11);
    expect((await book({ kind: 'adjust', typed: '11' })).body['code']).toBe('no_difference');
  });

  it('stands first in the ledger, with who booked it and why', async () => {
    await book({ kind: 'receive', typed: '2', note: 'late delivery' });
    const [latest] = (await server.call<{ items: StockMovement[] }>('GET', '/stock-movements?limit=1')).body.items as [StockMovement];
    expect(latest).toMatchObject({ kind: 'receive', quantity: 2, note: 'late delivery', actor: 'Walt Hughes', to_location_id: east.id });
    expect(stock.locations.get(latest.from_location_id)?.kind).toBe('supplier');
  });
});

describe('a reservation by hand', () => {
  it('takes what is free out of reach of others until it is given up', async () => {
    const free = at(east).available;
    const [made] = (await reserve(await ticketOf(), 4, east.id)).body.items as [Reservation];
    await stock.reloadMoving();
    expect([at(east).available, at(east).on_hand >= 4]).toEqual([free - 4, true]);
    expect(stock.open.map((one) => one.id)).toContain(made.id);
    await server.call('POST', `/reservations/${made.id}/release`, {});
    await stock.reloadMoving();
    expect(at(east).available).toBe(free);
    expect(stock.open.map((one) => one.id)).not.toContain(made.id);
  });

  it('without a place comes from several, if one has not enough', async () => {
    const there = at(east).available + Math.max(0, at(west).available);
    const { status, body } = await reserve(await ticketOf(), there);
    expect(status).toBe(201);
    expect(body.items.reduce((sum, one) => sum + one.quantity, 0)).toBe(there);
    await stock.reloadMoving();
    expect([at(east).available, Math.max(0, at(west).available)]).toEqual([0, 0]);
  });

  it('of more than there is holds nothing at all', async () => {
    const [free, id] = [at(east).available, await ticketOf()];
    expect(await reserve(id, 99_999)).toMatchObject({ status: 409, body: { code: 'shortage' } });
    expect((await server.call<{ items: unknown[] }>('GET', `/reservations?ticket_id=${id}`)).body.items).toEqual([]);
    await stock.reloadMoving();
    expect(at(east).available).toBe(free);
  });

  it('of nothing, or for a ticket that has ended, is refused', async () => {
    const id = await ticketOf();
    expect((await reserve(id, 0)).status).toBe(422);
    await server.call('POST', `/tickets/${id}/events`, { kind: 'cancel', reason: 'test' });
    expect(await reserve(id, 1)).toMatchObject({ status: 409, body: { code: 'ticket_ended' } });
  });

  it('is not handed over while nobody has the ticket', async () => {
    const [made] = (await reserve(await ticketOf(), 1, east.id)).body.items as [Reservation];
    expect((await server.call('POST', `/reservations/${made.id}/issue`, {})).body['code']).toBe('illegal_move');
    await server.call('POST', `/reservations/${made.id}/pick`, {});
    expect((await server.call('POST', `/reservations/${made.id}/issue`, {})).body['code']).toBe('no_engineer');
  });
});

describe('what was handed over', () => {
  it('is in the engineer’s van, and can come back', async () => {
    const [before, all] = [at(east).on_hand, everywhere()];
    const one = await handedOver(3);
    expect([one.location_kind, one.engineer_code]).toEqual(['van', 'E-01']);
    expect([at(east).on_hand, everywhere()]).toEqual([before - 3, all]);
  });

  it('comes back in part: the rest stays out', async () => {
    const one = await handedOver(3);
    const there = at(west).on_hand;
    expect((await giveBack(one, 1)).status).toBe(200);
    expect(at(west).on_hand).toBe(there + 1);
    expect(stock.out.find((left) => left.id === one.id)?.quantity).toBe(2);
  });

  it('comes back whole, once', async () => {
    const one = await handedOver(2);
    const all = everywhere();
    expect((await giveBack(one, 2)).body).toMatchObject({ status: 'returned', quantity: 2 });
    expect([stock.out.some((left) => left.id === one.id), everywhere()]).toEqual([false, all]);
    expect((await giveBack(one, 1)).body['code']).toBe('illegal_move');
  });

  it('is never more than was taken, and goes somewhere', async () => {
    const one = await handedOver(2);
    expect((await giveBack(one, 3)).body).toMatchObject({ errors: [{ field: 'quantity', code: 'out_of_range' }] });
    const nowhere = await server.call('POST', `/reservations/${one.id}/return`, { quantity: 1 });
    expect(nowhere.body).toMatchObject({ errors: [{ field: 'location_id', code: 'required' }] });
    expect(stock.out.find((left) => left.id === one.id)?.quantity).toBe(2);
  });
});

describe('a task', () => {
  let model: typeof import('./tasks/tasks');
  let undo: (typeof import('./undo.svelte'))['undo'];
  beforeAll(async () => {
    model = await import('./tasks/tasks');
    ({ undo } = await import('./undo.svelte'));
  });
  const listed = (id: string) => model.tasks.rows.find((row) => row.id === id);
  async function added(): Promise<{ id: string; ticket: string }> {
    const ticket = await ticketOf();
    const { body } = await server.call<{ id: string }>('POST', `/tickets/${ticket}/tasks`, { department: 'Warehouse', text: 'Send it back', required: true });
    await server.as('store');
    await stock.reloadMoving();
    return { id: body.id, ticket };
  }

  it('is read with all that moves, behind those that wait longer, and names its ticket', async () => {
    const { id, ticket } = await added();
    expect(listed(id)).toMatchObject({ ticket_id: ticket, ticket_title: 'Doors hum', required: true, done_at: null });
    expect(model.tasks.rows.at(-1)?.id).toBe(id);
    expect(model.tasks.rows.map((row) => row.created_at)).toEqual(model.tasks.rows.map((row) => row.created_at).sort((a, b) => a - b));
  });

  it('is gone when it is done, and there again when that is taken back', async () => {
    const { id } = await added();
    const before = listed(id);
    expect(await model.tickOff(before as NonNullable<typeof before>)).toEqual({ tone: 'good', title: 'Done: Send it back' });
    expect(listed(id)).toBeUndefined();
    expect(await undo.back()).toEqual({ done: 'Done: Send it back' });
    await stock.reloadMoving();
    expect(listed(id)).toEqual(before);
  });

  it('of a ticket that was closed meanwhile stays done', async () => {
    const { id, ticket } = await added();
    await model.tickOff(listed(id) as NonNullable<ReturnType<typeof listed>>);
    await server.call('POST', `/tickets/${ticket}/events`, { kind: 'close' });
    expect(await undo.back()).toEqual({ refused: expect.stringContaining('ended') });
    await stock.reloadMoving();
    expect(listed(id)).toBeUndefined();
  });
});
