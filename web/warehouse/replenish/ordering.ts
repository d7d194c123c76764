/** What is ordered off the purchase list, and what of it can come in: chosen, sent, taken back. It knows no screen. */
import { api, ask, askTagged } from '$shared/api/client';
import type { OrderLine, PurchaseLine, PurchaseOrder } from '$shared/api/types';
import { m, number } from '$shared/i18n/text';
import { undo } from '../undo.svelte';
import { emptyDraft, type Draft } from '../movement';
import { orders, purchases } from './lists.svelte';

/** A line with the order that it is on. */
export interface Coming {
  order: PurchaseOrder;
  line: OrderLine;
}

/** What of a part is to come, what is expected first on top. */
export const comingOf = (list: readonly PurchaseOrder[], part: string | undefined): Coming[] =>
  [...list]
    .sort((a, b) => a.expected_on.localeCompare(b.expected_on) || a.number - b.number)
    .flatMap((order) => order.lines.filter((line) => line.part_id === part && line.open > 0).map((line) => ({ order, line })));

/** Orders that are late come first, then by the day. */
export const byDay = (list: readonly PurchaseOrder[]): PurchaseOrder[] => [...list].sort((a, b) => a.expected_on.localeCompare(b.expected_on) || a.number - b.number);

/** On which line goods come that somebody takes in: the one that he chose, or else what is expected first. */
export function chosenLine(draft: Pick<Draft, 'order'>, coming: readonly Coming[]): string {
  if (draft.order === '') return '';
  return coming.some(({ line }) => line.id === draft.order) ? (draft.order ?? '') : (coming[0]?.line.id ?? '');
}

/** The form of goods in, as a line of an order fills it. */
export const draftOf = (line: OrderLine, typed: string, part: Draft['part']): Draft => ({ ...emptyDraft('receive'), part, typed, to: line.location_id, order: line.id });

/** Whether somebody has to be named who sells it. */
export const needsSupplier = (rows: readonly PurchaseLine[], chosen: ReadonlySet<string>): boolean => rows.some((row) => chosen.has(row.part_id) && !row.supplier_id);

const reread = () => Promise.all([purchases.reload(), orders.reload()]);

/** Orders what was ticked; one press cancels all of it again. */
export async function place(chosen: ReadonlySet<string>, supplier: string): Promise<string> {
  const lines = [...chosen].map((part_id) => ({ part_id }));
  const made = await ask(api.POST('/api/v1/purchase-list/orders', { body: { lines, ...(supplier.trim() ? { supplier_name: supplier.trim() } : {}) } }));
  const text = m.order_made({ count: number(lines.length), numbers: made.orders.map((one) => one.number).join(', ') });
  undo.push({
    text,
    run: async () => {
      for (const { id } of made.orders) await ask(api.POST('/api/v1/purchase-orders/{id}/cancel', { params: { path: { id } }, body: {} }));
      await reread();
    },
  });
  await reread();
  return text;
}

/** Says another day; whoever said one meanwhile is not overwritten. */
export async function expectOn(id: string, day: string): Promise<void> {
  const { tag } = await askTagged(api.GET('/api/v1/purchase-orders/{id}', { params: { path: { id } } }));
  await ask(api.PATCH('/api/v1/purchase-orders/{id}', { params: { path: { id }, header: { 'If-Match': tag } }, body: { expected_on: day } }));
  await orders.reload();
}

export async function cancel(id: string): Promise<void> {
  await ask(api.POST('/api/v1/purchase-orders/{id}/cancel', { params: { path: { id } }, body: {} }));
  await reread();
}

export async function cancelLine(id: string): Promise<void> {
  await ask(api.POST('/api/v1/purchase-order-lines/{id}/cancel', { params: { path: { id } }, body: {} }));
  await reread();
}
