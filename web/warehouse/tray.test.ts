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
    await stock.reloadMoving();
    await end(row, 'release');
    await stock.reloadMoving();
    expect(tray.cards).toEqual([]);
  });

  it('has what was picked and is promised to nobody any more, until it is back', async () => {
    const row = await picked(3);
    await end(row, 'release');
    await stock.reloadMoving();
    expect(tray.cards.map((one) => [one.id, one.quantity, one.status])).toEqual([[row.id, 3, 'released']]);
    expect(shown()).toMatch(/Put back 1 .*3 pcs .* → \S+ .*#\d+ .*Done/);
    await stock.reloadMoving();
    expect(tray.cards).toHaveLength(1);
    tray.dismiss(row.id);
    expect(shown()).toBe('');
  });

  it('notices what happened while the page was closed, and forgets no card', async () => {
    const row = await picked(1);
    await end(row, 'release');
    await open();
    expect(tray.cards.map((one) => one.id)).toEqual([row.id]);
    await open();
    expect(tray.cards.map((one) => one.id)).toEqual([row.id]);
    speak('zh-CN');
    expect(shown()).toContain('放回');
    speak('en');
    tray.dismiss(row.id);
  });

  it('says that it need not be carried back where its ticket wants it again', async () => {
    const row = await picked(1);
    await end(row, 'release');
    await server.as('dispatch');
    await server.call('POST', '/reservations', { ticket_id: row.ticket_id, part_id: row.part_id, quantity: 1, location_id: row.location_id });
    await server.as('store');
    await stock.reloadMoving();
    expect(shown()).toContain('still needs it');
    tray.dismiss(row.id);
  });
});
