/**
 * What the user sees: the server's rows, and over them the work that the server has not shown yet. Nothing of it is
 * stored: when the truth arrives the overlay ends, so a refused act takes itself back.
 */
import type { OutboxEntry, Row } from './database';
import { isIntent } from './policy';
import { step, type EventKind, type TicketStatus } from './steps';
import type { Doc, Mutation } from './wire';

/** What waits, and what the rows do not show yet, in the order in which it was done. */
export const unshown = (outbox: readonly OutboxEntry[]): OutboxEntry[] =>
  outbox.filter((entry) => entry.state === 'waiting' || entry.unsettled === 1).sort((a, b) => a.seq - b.seq);

/** The rows of one collection as the user should see them, by id. */
export function overlaid(c: string, rows: readonly Row[], outbox: readonly OutboxEntry[]): Map<string, Doc> {
  const held = new Map(rows.filter((row) => row.c === c).map((row) => [row.id, row]));
  const view = new Map([...held].map(([id, row]) => [id, row.doc]));
  for (const entry of unshown(outbox)) if (!isIn(held.get(entry.mutation.id), entry)) layOver(view, c, entry.mutation);
  return view;
}

/**
 * The version of a row that the user sees in these columns: 0, of a row of his own that the server has not sent yet. Where
 * older work of his lies over a column he does not see the row, but what that work was done to.
 */
export function seen(row: Row | undefined, ofRow: readonly OutboxEntry[], set: Doc): number {
  const covers = ({ mutation: m }: OutboxEntry) => m.op === 'patch' && Object.keys(m.set).some((column) => column in set);
  const covering = unshown(ofRow).filter((entry) => covers(entry) && !isIn(row, entry));
  return Math.min(row?.v ?? 0, ...covering.map(({ mutation }) => mutation.base ?? 0));
}

/** Whether a patch is in its row already: the next edit is made on that version, so its user has to see it as it is. */
const isIn = (row: Row | undefined, { state, mutation, result }: OutboxEntry): boolean =>
  state !== 'waiting' && mutation.op === 'patch' && row?.c === mutation.c && row.v >= (result?.v ?? Infinity);

function layOver(view: Map<string, Doc>, c: string, m: Mutation): void {
  if (m.c === c && m.op === 'patch') patch(view, m.id, m.set);
  if (m.c === c && (m.op === 'insert' || m.op === 'intent') && !view.has(m.id))
    view.set(m.id, { ...m.set, id: m.id, sync_v: 0 });
  if (isIntent(m.c) && c === 'tickets') move(view, m, 'ticket_id');
  if (isIntent(m.c) && c === 'visits') move(view, m, 'visit_id');
  if (m.c === 'part_usage' && c === 'van_stock') draw(view, m);
}

function patch(view: Map<string, Doc>, id: string, set: Doc): void {
  const doc = view.get(id);
  if (doc) view.set(id, Object.fromEntries(Object.entries({ ...doc, ...set }).filter(([, value]) => value !== null)));
}

/** Moves the ticket, or its visit, as the server will if nothing came between. */
function move(view: Map<string, Doc>, m: Mutation, key: string): void {
  const id = String(m.set[key]);
  const doc = view.get(id);
  if (!doc) return;
  const next = step(m.set['kind'] as EventKind, doc['status'] as TicketStatus);
  if ('to' in next) view.set(id, { ...doc, status: next.to });
}

/** Takes what was used from the van, so that the next look says what is really in it. */
function draw(view: Map<string, Doc>, m: Mutation): void {
  const quantity = Number(m.set['quantity']);
  const taken = m.set['outcome'] === 'returned' ? -quantity : quantity;
  const found = [...view].find(
    ([, doc]) => doc['part_id'] === m.set['part_id'] && doc['engineer_id'] === m.set['engineer_id'],
  );
  if (found) view.set(found[0], { ...found[1], on_hand: Number(found[1]['on_hand']) - taken });
}
