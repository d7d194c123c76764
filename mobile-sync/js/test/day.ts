/**
 * A day of an engineer's, half of it without a network, and what must be true afterwards: the same for every library.
 * The judge reads the server over REST and by a device of its own, and shares no code with what it judges.
 */
import { expect } from 'vitest';
import type { Doc } from '../src/wire';
import type { Weather } from './weather';
import { Person, type Engineer, type Json, type World } from './world';

export const TABLES: Record<string, Record<string, 'string' | 'number'>> = {
  tickets: { number: 'number', title: 'string', status: 'string', priority: 'number', engineer_id: 'string', visit_id: 'string', site_id: 'string', asset_id: 'string', access_note: 'string', due_at: 'number', planned_at: 'number' },
  visits: { ticket_id: 'string', number: 'number', status: 'string', lead_engineer_id: 'string' },
  ticket_events: { ticket_id: 'string', visit_id: 'string', engineer_id: 'string', kind: 'string', at: 'number', dseq: 'number', reason: 'string' },
  part_usage: { ticket_id: 'string', visit_id: 'string', engineer_id: 'string', part_id: 'string', quantity: 'number', outcome: 'string', serial: 'string' },
  labour: { ticket_id: 'string', visit_id: 'string', engineer_id: 'string', at: 'number', minutes: 'number' },
  notes: { ticket_id: 'string', visit_id: 'string', engineer_id: 'string', at: 'number', text: 'string' },
  sites: { name: 'string', address: 'string', latitude: 'number', longitude: 'number', access_note: 'string' },
  van_stock: { engineer_id: 'string', part_id: 'string', location_id: 'string', on_hand: 'number', reserved: 'number' },
  parts: { number: 'string', name: 'string', decimals: 'number' },
};

/** How long before it was saved an edit was made: more than two clocks differ by that were set over a bad network. */
export const TYPED_MS = 5_000;

/** A phone with some library in it. */
export interface Handset {
  /** Inserts a row of the engineer's own, with an id of the phone's choice. */
  insert(c: string, set: Doc): Promise<string>;
  patch(c: string, id: string, set: Doc): Promise<void>;
  /** As the library shows them. */
  rows(c: string): Promise<Doc[]>;
  /** Tries for a while; what fails stays for later. */
  tryToSync(): Promise<void>;
  /** Syncs to the end; the network is there. */
  sync(): Promise<void>;
  /** Switched off and on again. */
  reload(): Promise<void>;
  /** Rows of which the user was told that they were not taken as sent. */
  troubles(): Promise<string[]>;
  close(): Promise<void>;
}

export interface Opened {
  world: World;
  anna: Engineer;
  weather: Weather;
  session: Person;
}

/** A cookie is the browser's to send; here the enrolment alone carries it. */
export const withCookie = (weather: Weather, session: Person) => (url: string, init: RequestInit) =>
  weather.fetch(url, url.endsWith('/devices') ? { ...init, headers: { ...(init.headers as Record<string, string>), Cookie: session.cookie } } : init);

export async function prepare(world: World, weather: Weather): Promise<Opened> {
  const anna = await world.engineer();
  return { world, anna, weather, session: await Person.logIn(world.url, anna.login, anna.password) };
}

interface Made {
  lift: string;
  gate: string;
  lost: string;
  part: string;
  van: string;
  ben: Engineer;
  /** What was done: ids of rows by collection, in their order. */
  rows: Record<string, string[]>;
}

/** The whole day. */
export async function day(opened: Opened, open: () => Promise<Handset>): Promise<void> {
  const { world, anna, weather } = opened;
  const { part, van } = await world.van(anna, 10);
  const made: Made = { part, van, ben: await world.engineer(), lift: await world.ticket(anna, 'Lift stands'), gate: await world.ticket(anna, 'Doors'), lost: await world.ticket(anna, 'Noise'), rows: {} };
  const phone = await open();
  try {
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['id']).sort()).toEqual([made.lift, made.gate, made.lost].sort());
    weather.sky = 'none';
    await withoutNetwork(phone, opened, made);
    await meanwhile(opened, made);
    weather.sky = 'bad';
    for (let i = 0; i < 4; i += 1) {
      await phone.tryToSync();
      if (i === 1) await phone.reload();
    }
    weather.sky = 'fine';
    await phone.sync();
    await judgeServer(opened, made);
    await judgePhone(phone, opened, made);
  } finally {
    await phone.close();
  }
}

async function withoutNetwork(phone: Handset, { anna }: Opened, made: Made): Promise<void> {
  const visits = new Map((await phone.rows('tickets')).map((row) => [row['id'], row['visit_id']]));
  const insert = async (c: string, ticket: string, set: Doc) => {
    const id = await phone.insert(c, { ticket_id: ticket, visit_id: visits.get(ticket) ?? null, engineer_id: anna.id, ...set });
    (made.rows[c] ??= []).push(id);
  };
  const at = () => Date.now();
  for (const kind of ['accept', 'travel', 'arrive', 'start']) await insert('ticket_events', made.lift, { kind, at: at() });
  await insert('part_usage', made.lift, { part_id: made.part, quantity: 2, outcome: 'used' });
  await phone.tryToSync();
  await insert('notes', made.lift, { at: at(), text: 'Rollers are worn' });
  await phone.patch('tickets', made.gate, { access_note: 'gate 1234' });
  await phone.reload();
  await insert('labour', made.lift, { at: at(), minutes: 45 });
  await insert('ticket_events', made.lift, { kind: 'complete', at: at() });
  await insert('ticket_events', made.lost, { kind: 'accept', at: at() });
  await insert('notes', made.lost, { at: at(), text: 'On my way' });
  await phone.patch('tickets', made.lost, { access_note: 'ring twice' });
  expect((await phone.rows('notes')).map((row) => row['text']).sort()).toEqual(['On my way', 'Rollers are worn']);
}

/** What the office does while the phone is away. */
async function meanwhile({ world }: Opened, made: Made): Promise<void> {
  await world.office.edit(`/tickets/${made.gate}`, { access_note: 'ask the porter' });
  await world.office.edit(`/tickets/${made.lift}`, { priority: 1 });
  await world.assign(made.lost, made.ben);
}

/** Everything is on the server exactly once, and what was not taken as sent is on a card. */
async function judgeServer({ world: { office } }: Opened, made: Made): Promise<void> {
  const [lift, gate, lost] = await Promise.all([made.lift, made.gate, made.lost].map((id) => office.call('GET', `/tickets/${id}`)));
  expect([lift?.['status'], lift?.['priority'], gate?.['access_note']]).toEqual(['completed', 1, 'ask the porter']);
  expect([lost?.['engineer_id'], lost?.['status'], lost?.['access_note']]).toEqual([made.ben.id, 'assigned', 'Ask at the desk']);
  const texts = async (id: string) => (await office.items(`/tickets/${id}/notes`)).map((note) => note['text']);
  expect([await texts(made.lift), await texts(made.lost)]).toEqual([['Rollers are worn'], ['On my way']]);
  const used = await office.items(`/tickets/${made.lift}/part-usage`);
  expect(used.map((one) => [one['part_id'], one['quantity']])).toEqual([[made.part, 2]]);
  const stock = await office.items(`/stock?part_id=${made.part}`);
  expect(stock.filter((one) => one['location_id'] === made.van).map((one) => one['on_hand'])).toEqual([8]);

  const cards = await office.items('/conflict-cards?status=open&limit=200');
  const entries = (ticket: string) => cards.filter((card) => card['ticket_id'] === ticket).flatMap((card) => (card['entries'] as Json[]).map((entry): Json => ({ card: card['kind'], ...entry })));
  const kept = entries(made.gate);
  expect(kept.map((entry) => [entry['card'], entry['row_id'], (entry['kept'] as Json)['access_note']])).toEqual([
    ['fields', made.gate, { server: 'ask the porter', device: 'gate 1234', why: 'later' }],
  ]);
  const late = entries(made.lost).map((entry) => entry['row_id']);
  expect(late.sort()).toEqual([made.rows['ticket_events']?.at(-1), made.rows['notes']?.at(-1), made.lost].sort());
}

/** What the server holds, once the phone has synced while it did not change: the planner goes on planning meanwhile. */
export async function truthAfterSync(phone: Handset, { world, anna }: Opened): Promise<Map<string, Map<string, Doc>>> {
  const text = (rows: Map<string, Map<string, Doc>>) => JSON.stringify([...rows].map(([c, of]) => [c, [...of]]));
  for (let i = 0, before = await world.truth(anna); i < 20; i += 1) {
    await phone.sync();
    const now = await world.truth(anna);
    if (text(now) === text(before)) return now;
    before = now;
  }
  throw new Error('the server never comes to rest');
}

/** The phone shows what the server knows, field for field, and was told of what was not taken as sent. */
async function judgePhone(phone: Handset, opened: Opened, made: Made): Promise<void> {
  const { world, anna } = opened;
  const truth = await truthAfterSync(phone, opened);
  for (const [c, columns] of Object.entries(TABLES)) {
    const names = ['id', 'sync_v', ...Object.keys(columns)];
    const shown = (rows: Iterable<Doc>) => [...rows].map((row) => names.map((name) => `${name}=${String(row[name] ?? '') || ''}`).join(' ')).sort();
    expect([c, shown(await phone.rows(c))]).toEqual([c, shown(truth.get(c)?.values() ?? [])]);
  }
  const events = [...(truth.get('ticket_events')?.values() ?? [])].filter((row) => row['ticket_id'] === made.lift);
  const inOrder = events.sort((a, b) => Number(a['dseq']) - Number(b['dseq'])).filter((row) => row['engineer_id'] === anna.id);
  expect(inOrder.map((row) => row['kind'])).toEqual(['accept', 'travel', 'arrive', 'start', 'complete']);
  expect(inOrder.map((row) => row['id'])).toEqual(made.rows['ticket_events']?.slice(0, 5));
  expect((await phone.rows('tickets')).map((row) => row['id'])).not.toContain(made.lost);

  // What this server cannot store yet is no row, and the user knows.
  const refused = (made.rows['labour'] ?? []).filter((id) => !truth.get('labour')?.has(id));
  const cards = await world.office.items('/conflict-cards?kind=rejected&limit=200');
  const carded = cards.flatMap((card) => (card['entries'] as Json[]).map((entry) => entry['row_id']));
  expect(carded).toEqual(expect.arrayContaining(refused));
  const told = await phone.troubles();
  expect([...new Set(told)].sort()).toEqual([made.gate, made.lost, made.rows['ticket_events']?.at(-1), made.rows['notes']?.at(-1), ...refused].sort());
}
