/**
 * What the engineer sees: the server's rows with his own waiting work laid over them. A tap counts at once;
 * if the server decides otherwise, the row it sends back replaces the guess.
 */
import { overlaid, type Doc, type EventKind, type OutboxEntry, type Row, type TicketStatus } from '$sync';

export type EngineerAct = Exclude<EventKind, 'claim'>;

/** The one button. */
export const nextAct: Partial<Record<TicketStatus, EngineerAct>> = {
  assigned: 'accept', accepted: 'travel', travelling: 'arrive', on_site: 'start', working: 'complete', waiting: 'resume',
};

export const canDecline = (status: TicketStatus): boolean => status === 'assigned' || status === 'accepted';
export const canUseParts = (status: TicketStatus): boolean => status === 'working' || status === 'waiting' || status === 'on_site';

export interface VisitTicket {
  id: string;
  doc: Doc;
  status: TicketStatus;
  /** Some of what makes this status is not on the server yet. */
  pending: boolean;
  site: Doc | null;
  asset: Doc | null;
}

/** `server`: it is there. `sending`: on its way. `waiting`: on this phone alone. `you`: somebody has to look. */
export type ItemState = 'server' | 'sending' | 'waiting' | 'you';

export interface PhoneView {
  /** What all of this is made of, for those who look closer. */
  rows: readonly Row[];
  outbox: readonly OutboxEntry[];
  /** Offered tickets that this phone wants and has no answer for. */
  claims: Set<string>;
  tickets: VisitTicket[];
  done: number;
  waiting: OutboxEntry[];
  attention: OutboxEntry[];
  parts: Map<string, Doc>;
  reservations: Doc[];
  /** The places that are his van. */
  vans: Set<string>;
  used: { ticket_id: string; part_id: string; quantity: number; serial?: string; removed?: string; pending: boolean }[];
  notes: { ticket_id: string; text: string; pending: boolean }[];
}

const working: TicketStatus[] = ['working', 'on_site', 'travelling', 'waiting', 'accepted', 'assigned'];

function byStateThenDue(a: VisitTicket, b: VisitTicket): number {
  const at = (ticket: VisitTicket) => Number(ticket.doc['planned_at'] ?? ticket.doc['due_at'] ?? Infinity);
  return working.indexOf(a.status) - working.indexOf(b.status) || at(a) - at(b);
}

export function viewOf(rows: readonly Row[], outbox: readonly OutboxEntry[], engineerId: string): PhoneView {
  const of = (c: string) => new Map(rows.filter((row) => row.c === c).map((row) => [row.id, row.doc]));
  const [sites, assets, parts] = [of('sites'), of('assets'), of('parts')];
  const moving = new Set(outbox.filter((entry) => entry.state === 'waiting' && entry.mutation.c === 'ticket_events').map((entry) => entry.mutation.set['ticket_id']));
  const tickets: VisitTicket[] = [];
  let done = 0;
  for (const [id, doc] of overlaid('tickets', rows, outbox)) {
    const status = doc['status'] as TicketStatus;
    if (status === 'completed' || status === 'closed') done += 1;
    if (!working.includes(status) || (doc['engineer_id'] !== engineerId && doc['engineer_id'] != null)) continue;
    tickets.push({ id, doc, status, pending: moving.has(id), site: sites.get(String(doc['site_id'])) ?? null, asset: assets.get(String(doc['asset_id'])) ?? null });
  }
  const mine = (c: string) => merged(c, rows, outbox);
  const claiming = outbox.filter((entry) => entry.mutation.set['kind'] === 'claim' && (entry.state === 'waiting' || entry.unsettled === 1));
  return {
    rows,
    outbox,
    claims: new Set(claiming.map((entry) => String(entry.mutation.set['ticket_id']))),
    tickets: tickets.sort(byStateThenDue),
    done,
    waiting: outbox.filter((entry) => entry.state === 'waiting'),
    attention: outbox.filter((entry) => entry.state === 'attention'),
    parts,
    reservations: [...of('reservations').values()],
    vans: new Set([...of('van_stock').values()].filter((row) => row['engineer_id'] === engineerId).map((row) => String(row['location_id']))),
    used: mine('part_usage').map(usedOf),
    notes: mine('notes').map(({ doc, pending: p }) => ({ ticket_id: String(doc['ticket_id']), text: String(doc['text'] ?? ''), pending: p })),
  };
}

const usedOf = ({ doc, pending }: { doc: Doc; pending: boolean }): PhoneView['used'][number] => ({
  ticket_id: String(doc['ticket_id']), part_id: String(doc['part_id']), quantity: Number(doc['quantity']), pending,
  ...(doc['serial'] ? { serial: String(doc['serial']) } : {}), ...(doc['removed_serial'] ? { removed: String(doc['removed_serial']) } : {}),
});

/** Rows of the server and own inserts that it has not sent back yet, each once. */
export function merged(c: string, rows: readonly Row[], outbox: readonly OutboxEntry[]): { doc: Doc; pending: boolean; state: ItemState }[] {
  const server = new Map(rows.filter((row) => row.c === c).map((row) => [row.id, { doc: row.doc, pending: false, state: 'server' as ItemState }]));
  for (const entry of outbox) {
    if (entry.mutation.c !== c || entry.mutation.op === 'patch' || server.has(entry.mutation.id)) continue;
    const state: ItemState = entry.state === 'waiting' ? 'waiting' : entry.state === 'attention' ? 'you' : 'server';
    server.set(entry.mutation.id, { doc: { ...entry.mutation.set, id: entry.mutation.id }, pending: entry.state === 'waiting', state });
  }
  return [...server.values()];
}
