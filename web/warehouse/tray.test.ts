// Picked goods whose ticket is gone, with the warehouse's own modules against the stand-in.
import '../test/globals';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Reservation } from '$shared/api/types';
import { standIn, type StandIn } from '../test/stand-in';

let server: StandIn;
let stock: (typeof import('./stock.svelte'))['stock'];
let tray: (typeof import('./tray.svelte'))['tray'];
let shown: () => string;
async function open(): Promise<void> {
  vi.resetModules();
  ({ stock } = await import('./stock.svelte'));
  ({ tray } = await import('./tray.svelte'));
  const [{ draw }, { default: Tray }, text] = [await import('../test/render'), await import('./Tray.svelte'), await import('$shared/i18n/text')];
  shown = () => draw(Tray, {}).text;
  speak = text.locale.set;
  speak('en');
  await server.as('store');
  await stock.reload();
}
let speak: (typeof import('$shared/i18n/text'))['locale']['set'];
beforeAll(async () => {
  server = await standIn();
  await open();
});
afterAll(() => server.close());

async function picked(quantity: number): Promise<Reservation> {
  await server.as('dispatch');
  const { body: ticket } = await server.call<{ id: string }>('POST', '/tickets', { kind: 'repair', priority: 2, title: 'Doors hum', asset_id: server.db.assets[0]?.id, dispatch: 'manual' });
  const east = server.db.locations.find((place) => place.kind === 'depot');
  await server.call('POST', '/stock-movements', { kind: 'receive', part_id: server.db.parts[0]?.id, quantity, to_location_id: east?.id });
  const { body } = await server.call<{ items: Reservation[] }>('POST', '/reservations', { ticket_id: ticket.id, part_id: server.db.parts[0]?.id, quantity, location_id: east?.id });
  const [made] = body.items as [Reservation];
  await server.as('store');
  await server.call('POST', `/reservations/${made.id}/pick`, {});
  await stock.reloadMoving();
  return made;
}
const end = (row: Reservation, act: string) => server.call('POST', `/reservations/${row.id}/${act}`, {});

describe('the tray', () => {
  it('has nothing of what is picked, put back or given up before it was picked', async () => {
    const row = await picked(2);
    expect(shown()).toBe('');
    await end(row, 'put-back');
    await end(row, 'release');
    await stock.reloadMoving();
    expect(tray.cards).toEqual([]);
  });

  it('has what was picked and is promised to nobody any more, until it is back, on every device', async () => {
    const row = await picked(3);
    await end(row, 'release');
    await stock.reloadMoving();
    expect(tray.cards.map((one) => [one.reservation_id, one.quantity])).toEqual([[row.id, 3]]);
    expect(shown()).toMatch(/Put back 1 .*3 pcs .* → \S+ .*#\d+ .*Done/);
    await open();
    expect(tray.cards.map((one) => one.reservation_id)).toEqual([row.id]);
    speak('zh-CN');
    expect(shown()).toContain('放回');
    speak('en');
    await tray.done(tray.cards[0]?.id ?? '');
    expect(shown()).toBe('');
    await open();
    expect(tray.cards).toEqual([]);
  });

  it('says that it need not be carried back where its ticket wants it again', async () => {
    const row = await picked(1);
    await end(row, 'release');
    await server.as('dispatch');
    await server.call('POST', '/reservations', { ticket_id: row.ticket_id, part_id: row.part_id, quantity: 1, location_id: row.location_id });
    await server.as('store');
    await stock.reloadMoving();
    expect(shown()).toContain('still needs it');
    await tray.done(tray.cards[0]?.id ?? '');
  });

  it('keeps a card that the server did not hear of', async () => {
    const row = await picked(1);
    await end(row, 'release');
    await stock.reloadMoving();
    const [card] = tray.cards;
    await expect(tray.done('0198f3c2-7b00-7000-8000-000000000001')).rejects.toThrow();
    expect(tray.cards).toEqual([card]);
    await tray.done(card?.id ?? '');
  });
});
