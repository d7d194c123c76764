// Hand-over by badge and its way back, with the warehouse's own modules against the stand-in.
import '../test/globals';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Part, Reservation, StockLocation } from '$shared/api/types';
import { standIn, type StandIn } from '../test/stand-in';

let server: StandIn;
let stock: (typeof import('./stock.svelte'))['stock'];
let undo: (typeof import('./undo.svelte'))['undo'];
let handOver: (typeof import('./handover'))['handOver'];
let east: StockLocation;
let part: Part;
let row: Reservation;
beforeAll(async () => {
  server = await standIn();
  vi.resetModules();
  ({ stock } = await import('./stock.svelte'));
  ({ undo } = await import('./undo.svelte'));
  ({ handOver } = await import('./handover'));
  east = server.db.locations.find((place) => place.kind === 'depot') as StockLocation;
  part = server.db.parts[0] as Part;
});
afterAll(() => server.close());

const he = () => ({ id: server.db.engineers[0]?.id ?? '', code: 'E-01', name: 'Maria' });
const onHand = () => stock.balances.find((one) => one.part_id === part.id && one.location_id === east.id)?.on_hand ?? 0;
const promised = async () => {
  await stock.reloadMoving();
  return stock.open.filter((one) => one.ticket_id === row.ticket_id).map((one) => [one.part_id, one.quantity, one.status, one.location_id]);
};

beforeEach(async () => {
  await server.as('dispatch');
  const { body: ticket } = await server.call<{ id: string }>('POST', '/tickets', { kind: 'repair', priority: 2, title: 'Doors hum', asset_id: server.db.assets[0]?.id, dispatch: 'manual' });
  await server.call('POST', `/tickets/${ticket.id}/assignments`, { engineer_id: he().id, reason: 'test' });
  await server.call('POST', '/stock-movements', { kind: 'receive', part_id: part.id, quantity: 5, to_location_id: east.id });
  const { body } = await server.call<{ items: Reservation[] }>('POST', '/reservations', { ticket_id: ticket.id, part_id: part.id, quantity: 3, location_id: east.id });
  row = body.items[0] as Reservation;
  await server.as('store');
  await server.call('POST', `/reservations/${row.id}/pick`, {});
  await stock.reload();
  undo.clear();
});

it('is taken back with one press: the goods are at the depot, promised to their ticket, to be picked again', async () => {
  const before = onHand();
  expect((await handOver(he())).tone).toBe('good');
  expect([await promised(), onHand()]).toEqual([[], before - 3]);
  expect(undo.last?.text).toMatch(/^E-01 Maria: hand-over of \d+ lines$/);
  expect(await undo.back()).toHaveProperty('done');
  expect([await promised(), onHand()]).toEqual([[[part.id, 3, 'held', east.id]], before]);
});

it('says why what came back otherwise meanwhile cannot be taken back', async () => {
  await handOver(he());
  await server.call('POST', `/reservations/${row.id}/return`, { quantity: 3, location_id: east.id });
  const came = await undo.back();
  expect(came).toMatchObject({ refused: expect.stringMatching(/^\d+ of \d+ lines taken back\. .+/) });
  expect(undo.last).toBeNull();
});
