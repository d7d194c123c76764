/**
 * The live connection: one EventSource, its messages gathered and handed over once a frame. EventSource comes
 * back by itself with Last-Event-ID; when it gives up (the server refused it) we open a new one from our own
 * cursor, ever more slowly. A tab in the background gets no frames, so a timer empties the buffer there.
 */
import type { Presence } from '../api/types';
import type { Change, Position } from './store';

export type FeedState = 'connecting' | 'live' | 'lost';

export interface Hello {
  cursor: number;
  now_at: number;
  speed: number;
}

export interface Batch {
  changes: Change[];
  positions: Position[];
}

export interface Source {
  readyState: number;
  onerror: ((event: Event) => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface FeedOptions {
  open: (cursor: number | null) => Source;
  /** `stale`: what we hold does not lead up to this cursor, so it is to be read (again). */
  onHello: (hello: Hello, stale: boolean) => void;
  onBatch: (batch: Batch) => void;
  /** Who is where now, all of them: the newest word replaces the one before. */
  onPresence?: (items: Presence[]) => void;
  onState: (state: FeedState) => void;
  schedule: (run: () => void) => void;
  wait: (run: () => void, ms: number) => void;
}

const CLOSED = 2;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export class Feed {
  private source: Source | null = null;
  private cursor: number | null = null;
  private batch: Batch = { changes: [], positions: [] };
  private scheduled = false;
  private tries = 0;
  private stopped = false;

  constructor(private readonly options: FeedOptions) {}

  start(): void {
    this.options.onState('connecting');
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.source?.close();
  }

  private connect(): void {
    if (this.stopped) return;
    const source = this.options.open(this.cursor);
    this.source = source;
    source.addEventListener('hello', (event) => this.hello(JSON.parse(event.data) as Hello));
    source.addEventListener('change', (event) => this.change(JSON.parse(event.data) as Change));
    source.addEventListener('positions', (event) => {
      this.batch.positions.push(...(JSON.parse(event.data) as { items: Position[] }).items);
      this.plan();
    });
    source.addEventListener('presence', (event) => this.options.onPresence?.((JSON.parse(event.data) as { items: Presence[] }).items));
    source.onerror = () => this.failed(source);
  }

  private hello(hello: Hello): void {
    this.tries = 0;
    // A connection that broke before its first change resumes "from now": what lay between was missed. A cursor
    // behind ours is another history (a restored server).
    const stale = this.cursor === null || hello.cursor !== this.cursor;
    this.cursor = hello.cursor;
    this.options.onState('live');
    this.options.onHello(hello, stale);
  }

  private change(change: Change): void {
    this.cursor = Math.max(this.cursor ?? 0, change.seq);
    this.batch.changes.push(change);
    this.plan();
  }

  private plan(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.options.schedule(() => {
      this.scheduled = false;
      const full = this.batch;
      this.batch = { changes: [], positions: [] };
      this.options.onBatch(full);
    });
  }

  private failed(source: Source): void {
    if (this.stopped || source !== this.source) return;
    this.options.onState('lost');
    if (source.readyState !== CLOSED) return;
    source.close();
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries);
    this.tries += 1;
    this.options.wait(() => this.connect(), wait);
  }
}

/** The next frame, or 250 ms later if this tab is hidden and gets no frames. */
export function nextFrame(run: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(() => run());
  else setTimeout(run, 250);
}

const AT_ONCE = 3;
const PACE_MS = 100;

/**
 * A few changes are shown at once, each for itself; a flood of them ten times a second. Whatever is in a batch, showing it costs
 * about the same (lists are sorted, a frame is drawn), and nobody reads faster than that.
 */
export function paced(schedule: (run: () => void) => void, now: () => number = () => performance.now()): (run: () => void) => void {
  let due = 0;
  return (run) => {
    const wait = due - (AT_ONCE - 1) * PACE_MS - now();
    due = Math.max(due, now()) + PACE_MS;
    if (wait > 0) setTimeout(() => schedule(run), wait);
    else schedule(run);
  };
}

export function openStream(cursor: number | null): Source {
  return new EventSource(cursor === null ? '/api/v1/stream' : `/api/v1/stream?cursor=${cursor}`) as unknown as Source;
}
