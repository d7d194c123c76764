// What is ordered and comes in, with its own modules, against the stand-in; and what is worked out without one.
import '../../test/globals';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OrderLine, PurchaseLine, PurchaseOrder } from '$shared/api/types';
import { standIn, type StandIn } from '../../test/stand-in';
import { toMovement } from '../movement';
import { byDay, chosenLine, comingOf, draftOf, needsSupplier } from './ordering';

const line = (id: string, part_id: string, open: number): OrderLine => ({ id, part_id, open, location_id: 'east', quantity: 9, received: 9 - open, cancelled: 0, decimals: 0 }) as OrderLine;
const order = (number: number, expected_on: string, lines: OrderLine[]): PurchaseOrder => ({ id: `o${number}`, number, expected_on, supplier_name: 'Bolt', lines }) as PurchaseOrder;
const list = [order(1, '2026-12-01', [line('a1', 'a', 3), line('b1', 'b', 2)]), order(2, '2026-11-20', [line('a2', 'a', 4), line('a3', 'a', 0)])];

describe('what is to come', () => {
  it('of a part is listed by the day, without what has come', () => {
    expect(comingOf(list, 'a').map(({ line: one }) => one.id)).toEqual(['a2', 'a1']);
    expect([comingOf(list, 'c'), comingOf(list, undefined)]).toEqual([[], []]);
    expect(byDay(list).map((one) => one.number)).toEqual([2, 1]);
  });

  it('comes on what is expected first, unless somebody chose another line, or none', () => {
    const coming = comingOf(list, 'a');
    expect([chosenLine({ order: null }, coming), chosenLine({ order: 'a1' }, coming), chosenLine({ order: '' }, coming)]).toEqual(['a2', 'a1', '']);
    expect([chosenLine({ order: 'b1' }, coming), chosenLine({ order: null }, [])], 'the line of another part is forgotten').toEqual(['a2', '']);
  });

  it('fills the form of goods in, and is named in what is sent', () => {
    const part = { id: 'a', decimals: 0, tracking: 'none', currency: 'USD' } as Parameters<typeof draftOf>[2];
    const draft = draftOf(line('a1', 'a', 3), '3', part);
    expect(toMovement(draft)).toEqual({ kind: 'receive', part_id: 'a', quantity: 3, to_location_id: 'east', order_line_id: 'a1' });
    expect(toMovement({ ...draft, kind: 'adjust' })).not.toHaveProperty('order_line_id');
    expect(toMovement({ ...draft, order: '' })).not.toHaveProperty('order_line_id');
  });

  it('needs a supplier where nobody is known to sell it', () => {
    const rows = [{ part_id: 'a', supplier_id: 's' }, { part_id: 'b', supplier_id: null }] as PurchaseLine[];
    expect([needsSupplier(rows, new Set(['a'])), needsSupplier(rows, new Set(['a', 'b']))]).toEqual([false, true]);
  });
});

describe('an order', () => {
  let server: StandIn;
  let ordering: typeof import('./ordering');
  let lists: typeof import('./lists.svelte');
  let undo: (typeof import('../undo.svelte'))['undo'];
  beforeAll(async () => {
    server = await standIn();
    vi.resetModules();
    ordering = await import('./ordering');
    lists = await import('./lists.svelte');
    ({ undo } = await import('../undo.svelte'));
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    await server.as('store');
    await Promise.all([lists.purchases.reload(), lists.orders.reload()]);
    undo.clear();
  });

  it('takes what was ticked off the list, and one press brings it back', async () => {
    const sold = lists.purchases.rows.filter((row) => row.supplier_id).map((row) => row.part_id);
    expect(sold.length).toBeGreaterThan(0);
    const [before, open] = [lists.purchases.rows.length, lists.orders.rows.length];
    expect(await ordering.place(new Set(sold), '')).toMatch(new RegExp(`^${sold.length} ordered: order \\d`));
    expect(lists.purchases.rows.length).toBe(before - sold.length);
    expect(lists.orders.rows.length).toBeGreaterThan(open);
    expect(await undo.back()).toHaveProperty('done');
    expect([lists.purchases.rows.length, lists.orders.rows.length]).toEqual([before, open]);
  });

  it('of what nobody is known to sell needs a name', async () => {
    const unsold = new Set(lists.purchases.rows.filter((row) => !row.supplier_id).map((row) => row.part_id));
    expect(unsold.size).toBeGreaterThan(0);
    await expect(ordering.place(unsold, ' ')).rejects.toThrow();
    await ordering.place(unsold, 'Bolt & Sons');
    expect(lists.orders.rows.some((one) => one.supplier_name === 'Bolt & Sons')).toBe(true);
  });

  it('is put off, and cancelled by line and whole', async () => {
    const [late] = byDay(lists.orders.rows) as [PurchaseOrder];
    expect(late.overdue).toBe(true);
    await ordering.expectOn(late.id, '2031-02-03');
    const now = () => lists.orders.rows.find((one) => one.id === late.id);
    expect([now()?.expected_on, now()?.overdue]).toEqual(['2031-02-03', false]);
    await ordering.cancelLine(late.lines[0]?.id ?? '');
    expect(now()?.lines[0]?.open).toBe(0);
    await ordering.cancel(late.id);
    expect(now()).toBeUndefined();
    await expect(ordering.cancel(late.id)).rejects.toMatchObject({ code: 'order_status' });
  });
});
