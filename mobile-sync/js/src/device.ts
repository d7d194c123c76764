/**
 * A phone: its database, what the user does, what he sees, and the talk with the server. Each act is on the disk before
 * the call returns; everything else may happen later, or after a restart, without losing or doubling work.
 */
import { Backoff } from './backoff';
import { systemClock, type Clock } from './clock';
import type { Enrolled, OutboxEntry } from './database';
import { SyncEngine, type Outcome } from './engine';
import { uuidv7 } from './ids';
import { overlaid } from './overlay';
import { takesEdits, takesInserts } from './policy';
import { step, type EventKind, type TicketStatus } from './steps';
import { PhoneStore, type Draft } from './store';
import { httpTransport, type Transport } from './transport';
import { SCHEMA, type Doc, type Mutation, type PushResult } from './wire';

export interface DeviceOptions {
  /** Of the IndexedDB database. */
  name?: string;
  transport?: Transport;
  clock?: Clock;
  /** For the spread of pauses; 0 up to 1. */
  random?: () => number;
}

/** What the app tells the server of itself. */
export interface AppInfo {
  platform: string;
  app_version: string;
  /** The engineer's name, for the screen. */
  name?: string;
  /** The engineer's bearer token, where no cookie speaks for him. */
  session?: string;
  /** A code that the office has shown him, instead of a session. */
  code?: string;
}

export interface PartUse {
  part_id: string;
  /** Scaled by the part's `decimals`. */
  quantity: number;
  outcome?: 'used' | 'defective' | 'returned';
  serial?: string;
  removed_serial?: string;
}

/** Something that was not taken as sent: what was sent, and what the server said. */
export interface Trouble {
  seq: number;
  mutation: Mutation;
  result: PushResult;
}

/** An act that makes no sense where it was tried: nothing was written. */
export class NotPossible extends Error {
  constructor(readonly why: string) {
    super(`not possible: ${why}`);
    this.name = 'NotPossible';
  }
}

const REASONED: EventKind[] = ['decline', 'pause'];

export class Device {
  private readonly heard = new Set<(here: boolean) => void>();
  private readonly channel: BroadcastChannel | null;
  private readonly backoff: Backoff;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private everyMs: number | null = null;

  private constructor(
    readonly store: PhoneStore,
    private readonly transport: Transport,
    private readonly clock: Clock,
    private readonly engine: SyncEngine,
    random: () => number,
  ) {
    this.backoff = new Backoff(random);
    // Tabs of one phone share the database; who changed it tells the others.
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`fettle-sync ${store.name}`);
    this.channel?.addEventListener('message', () => this.heard.forEach((listener) => listener(false)));
    (this.channel as { unref?: () => void } | null)?.unref?.();
  }

  /** Opens the phone's database, and makes it if it is not there. Needs no network. */
  static async open(options: DeviceOptions = {}): Promise<Device> {
    const { transport = httpTransport(), clock = systemClock(), random = Math.random } = options;
    const store = await PhoneStore.open(options.name);
    return new Device(store, transport, clock, new SyncEngine({ store, transport, now: clock }), random);
  }

  close(): void {
    this.stop();
    this.channel?.close();
    this.store.close();
  }

  /** Undefined before the first enrolment. */
  identity = (): Promise<Enrolled | undefined> => this.store.get('device');

  /** Tells the server of this phone. Work of another engineer that still waits is never thrown away: NotPossible. */
  async enrol(app: AppInfo): Promise<Enrolled> {
    const before = await this.store.get('device');
    const device_id = before?.device_id ?? uuidv7(this.clock().wall);
    const asked = this.clock().wall;
    const got = await this.transport.enrol(
      {
        device_id,
        platform: app.platform,
        app_version: app.app_version,
        ...(app.code ? { code: app.code } : {}),
        schema: SCHEMA,
      },
      app.session,
    );
    const engineer_id = got.policy?.engineer_id ?? before?.engineer_id ?? '';
    if (before && before.engineer_id !== engineer_id) {
      if ((await this.store.waitingCount()) > 0) throw new NotPossible('another_engineers_work');
      await this.store.forget();
    }
    const device: Enrolled = { device_id, token: got.token, engineer_id, name: app.name ?? '' };
    await this.store.set('device', device);
    if ((await this.store.get('epoch')) === undefined) await this.store.set('epoch', got.epoch);
    if (got.limits) await this.store.set('limits', got.limits);
    await this.store.set('offset', got.server_time - Math.floor((asked + this.clock().wall) / 2));
    this.backoff.reset();
    return device;
  }

  /** Erases this phone for whoever has it next. What waits is never thrown away, unless it is `elsewhere`: NotPossible. */
  async leave(elsewhere = false): Promise<void> {
    if (!elsewhere && (await this.store.waitingCount()) > 0) throw new NotPossible('work_waits');
    await this.store.forget();
    this.changed();
  }

  /** UTC milliseconds by the server's clock, as far as it is known. */
  serverNow = async (): Promise<number> => this.clock().wall + ((await this.store.get('offset')) ?? 0);

  /** A step of a ticket. Refused here if the ticket cannot take it as the user sees it. */
  async act(ticketId: string, kind: EventKind, reason?: string): Promise<Mutation> {
    if (REASONED.includes(kind) && !reason?.trim()) throw new NotPossible('reason_needed');
    const ticket = await this.ticket(ticketId);
    const next = step(kind, ticket['status'] as TicketStatus);
    if ('why' in next) throw new NotPossible(next.why);
    return this.work(ticket, 'ticket_events', { kind, at: await this.serverNow(), ...(reason ? { reason } : {}) });
  }

  async usePart(ticketId: string, { part_id, quantity, outcome = 'used', ...numbers }: PartUse): Promise<Mutation> {
    if (!Number.isInteger(quantity) || quantity < 1) throw new NotPossible('bad_quantity');
    return this.work(await this.ticket(ticketId), 'part_usage', { part_id, quantity, outcome, ...numbers });
  }

  addNote = async (ticketId: string, text: string): Promise<Mutation> =>
    this.work(await this.ticket(ticketId), 'notes', { at: await this.serverNow(), text });

  addLabour = async (ticketId: string, minutes: number, more: Doc = {}): Promise<Mutation> =>
    this.work(await this.ticket(ticketId), 'labour', { at: await this.serverNow(), minutes, ...more });

  /** A row about a ticket, of any collection that has such rows: whose it is, at which visit and when is filled in. */
  async record(ticketId: string, c: string, set: Doc): Promise<Mutation> {
    if (!takesInserts(c)) throw new NotPossible('not_insertable');
    return this.work(await this.ticket(ticketId), c, { at: await this.serverNow(), ...set });
  }

  /** Wants a ticket that was offered to all and is nobody's row yet. Who gets it, the server says. */
  async claim(ticketId: string): Promise<Mutation> {
    return this.work({ id: ticketId }, 'ticket_events', { kind: 'claim', at: await this.serverNow() });
  }

  /** A row of any collection whose rows are the phone's to make; `id` is chosen here. */
  insert(c: string, set: Doc): Promise<Mutation> {
    if (!takesInserts(c)) throw new NotPossible('not_insertable');
    return this.make({ op: 'insert', c, set });
  }

  /** New values for columns that phones may edit; `null` clears one. */
  async patch(c: string, id: string, set: Doc): Promise<Mutation> {
    if (Object.keys(set).length === 0) throw new NotPossible('nothing_changed');
    const fixed = Object.keys(set).find((column) => !takesEdits(c, column));
    if (fixed !== undefined) throw new NotPossible(`not_editable: ${fixed}`);
    // A row of one's own may be in the outbox alone, which takes longer to look through.
    if (!(await this.store.row(c, id)) && !(await this.row(c, id))) throw new NotPossible('unknown_row');
    return this.make({ op: 'patch', c, id, set });
  }

  /** The rows of a collection as the user should see them: the server's, with what waits laid over them. */
  async rows(c: string): Promise<Doc[]> {
    const [outbox, rows] = [await this.pending(), await this.store.rowsOf(c)];
    return [...overlaid(c, rows, outbox).values()];
  }

  async row(c: string, id: string): Promise<Doc | undefined> {
    const [outbox, row] = [await this.pending(), await this.store.row(c, id)];
    return overlaid(c, row ? [row] : [], outbox).get(id);
  }

  /** The server's rows alone. */
  truth = async (c: string): Promise<Doc[]> => (await this.store.rowsOf(c)).map((row) => row.doc);

  /** What is not on the server yet, oldest first. */
  waiting = (): Promise<OutboxEntry[]> => this.store.waiting();

  /** What was not taken as sent and nobody has dismissed, oldest first. */
  async troubles(): Promise<Trouble[]> {
    const found = await this.store.attention();
    return found.flatMap(({ seq, mutation, result }) => (result ? [{ seq, mutation, result }] : []));
  }

  async dismiss(seq: number): Promise<void> {
    await this.store.dismiss(seq);
    this.changed();
  }

  /** A pull has reached its end since the first start or the last restore of the server: the rows are all there. */
  isComplete = async (): Promise<boolean> =>
    (await this.store.get('complete')) === ((await this.store.get('reading')) ?? 0);

  /** One round with the server: push, then pull. Never throws for what the network or the server do. */
  async sync(): Promise<Outcome> {
    const outcome = await this.engine.round();
    const { mono } = this.clock();
    if (outcome.kind === 'synced') this.backoff.reset();
    else this.backoff.failed(mono, outcome.kind === 'later' ? outcome.ms : null);
    this.changed();
    return outcome;
  }

  /** Syncs now, after each act, and every so often; after a failure in pauses that grow from 1 s to 5 min. */
  start(everyMs = 30_000): void {
    this.everyMs = everyMs;
    this.wake();
  }

  stop(): void {
    this.everyMs = null;
    clearTimeout(this.timer);
  }

  /** The network is back, the page is seen again, or somebody pulled down: no pause counts any more. */
  wake(): void {
    this.backoff.reset();
    this.schedule(0);
  }

  /** Rows or the outbox changed, `here` or in another tab. Gives back how to stop listening. */
  subscribe(listener: (here: boolean) => void): () => void {
    this.heard.add(listener);
    return () => this.heard.delete(listener);
  }

  private async pending(): Promise<OutboxEntry[]> {
    return [...(await this.store.waiting()), ...(await this.store.unsettled())];
  }

  private async ticket(id: string): Promise<Doc> {
    const ticket = await this.row('tickets', id);
    if (!ticket) throw new NotPossible('unknown_ticket');
    return ticket;
  }

  /** The columns that every row about a ticket begins with. */
  private async work(ticket: Doc, c: string, set: Doc): Promise<Mutation> {
    const engineer_id = (await this.identity())?.engineer_id;
    if (!engineer_id) throw new NotPossible('not_enrolled');
    const visit: Doc = ticket['visit_id'] ? { visit_id: ticket['visit_id'] } : {};
    return this.make({ op: 'insert', c, set: { ticket_id: ticket['id'] ?? null, ...visit, engineer_id, ...set } });
  }

  private async make(draft: Draft): Promise<Mutation> {
    const made = await this.store.add(draft, this.clock());
    this.changed();
    this.schedule(this.backoff.left(this.clock().mono));
    return made;
  }

  private changed(): void {
    this.heard.forEach((listener) => listener(true));
    this.channel?.postMessage('changed');
  }

  private schedule(ms: number): void {
    if (this.everyMs === null) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.tick(), ms);
  }

  private async tick(): Promise<void> {
    // What is no answer of the network's is a fault of the database; the next round tells whether it lasts.
    const outcome = await this.sync().catch(() => null);
    if (outcome === null) this.backoff.failed(this.clock().mono);
    if (outcome?.kind !== 'synced') this.schedule(this.backoff.left(this.clock().mono));
    // What was done while the round was past its push must not wait for the next one.
    else this.schedule((await this.store.waitingCount()) > 0 ? 0 : (this.everyMs ?? 0));
  }
}
