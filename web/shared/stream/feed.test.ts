import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Feed, paced, type Batch, type FeedState, type Hello, type Source } from './feed';

class FakeSource implements Source {
  readyState = 1;
  onerror: ((event: Event) => void) | null = null;
  closed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(readonly cursor: number | null) {}
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  say(type: string, data: unknown): void {
    this.listeners.get(type)?.({ data: JSON.stringify(data) } as MessageEvent<string>);
  }
  hello(cursor: number): void {
    this.say('hello', { cursor, now_at: 1_000, speed: 60 } satisfies Hello);
  }
  change(seq: number): void {
    this.say('change', { seq, entity: 'tickets', row_id: `t${seq}`, op: 'put', row: {}, actor: null, at: seq });
  }
  fail(readyState: number): void {
    this.readyState = readyState;
    this.onerror?.(new Event('error'));
  }
}

let sources: FakeSource[];
let batches: Batch[];
let states: FeedState[];
let hellos: boolean[];
let frames: (() => void)[];
let waits: { run: () => void; ms: number }[];
let feed: Feed;

beforeEach(() => {
  [sources, batches, states, hellos, frames, waits] = [[], [], [], [], [], []];
  feed = new Feed({
    open: (cursor) => {
      const source = new FakeSource(cursor);
      sources.push(source);
      return source;
    },
    onHello: (_, stale) => hellos.push(stale),
    onBatch: (batch) => batches.push(batch),
    onState: (state) => states.push(state),
    schedule: (run) => frames.push(run),
    wait: (run, ms) => waits.push({ run, ms }),
  });
  feed.start();
});

const last = () => sources.at(-1)!;
const paint = () => frames.splice(0).forEach((run) => run());

describe('Feed', () => {
  it('says that it connects, then that it is live', () => {
    last().hello(5);
    expect(states).toEqual(['connecting', 'live']);
  });

  it('asks for everything to be read at the first hello', () => {
    last().hello(5);
    expect(hellos).toEqual([true]);
  });

  it('hands over a thousand changes in one frame as one batch', () => {
    last().hello(5);
    for (let seq = 6; seq < 1_006; seq += 1) last().change(seq);
    expect(frames).toHaveLength(1);
    expect(batches).toHaveLength(0);
    paint();
    expect(batches.map((batch) => batch.changes.length)).toEqual([1_000]);
  });

  it('plans another frame for what comes after the last one', () => {
    last().hello(5);
    last().change(6);
    paint();
    last().change(7);
    paint();
    expect(batches.map((batch) => batch.changes.map((change) => change.seq))).toEqual([[6], [7]]);
  });

  it('gathers positions of several messages', () => {
    const at = { engineer_id: 'e', latitude: 40.7, longitude: -74, at: 1 };
    last().say('positions', { items: [at] });
    last().say('positions', { items: [{ ...at, at: 2 }] });
    paint();
    expect(batches[0]?.positions.map((position) => position.at)).toEqual([1, 2]);
  });

  it('says at once that the connection is lost', () => {
    last().hello(5);
    last().fail(0);
    expect(states.at(-1)).toBe('lost');
  });

  it('leaves the reconnecting to EventSource while that tries', () => {
    last().hello(5);
    last().fail(0);
    expect(sources).toHaveLength(1);
    expect(waits).toHaveLength(0);
  });

  it('reads nothing again when the stream resumes where we are', () => {
    last().hello(5);
    last().change(9);
    last().fail(0);
    last().hello(9);
    expect(hellos).toEqual([true, false]);
  });

  it('reads everything again when it resumes past what we saw', () => {
    last().hello(5);
    last().fail(0);
    last().hello(8);
    expect(hellos).toEqual([true, true]);
  });

  it('reads everything again when the server has another history', () => {
    last().hello(500);
    last().fail(0);
    last().hello(3);
    expect(hellos).toEqual([true, true]);
  });

  it('opens a new source from its own cursor when EventSource gave up', () => {
    last().hello(5);
    last().change(9);
    last().fail(2);
    expect(sources[0]?.closed).toBe(true);
    waits[0]?.run();
    expect(last().cursor).toBe(9);
  });

  it('waits longer each time, up to half a minute', () => {
    for (let i = 0; i < 8; i += 1) {
      last().fail(2);
      waits.at(-1)?.run();
    }
    expect(waits.map((wait) => wait.ms)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('starts over with a short wait once it was live again', () => {
    last().fail(2);
    waits.at(-1)?.run();
    last().hello(5);
    last().fail(2);
    expect(waits.at(-1)?.ms).toBe(1_000);
  });

  it('ignores an error of a source that it has left', () => {
    const old = last();
    old.fail(2);
    waits[0]?.run();
    last().hello(5);
    old.fail(2);
    expect(states.at(-1)).toBe('live');
  });

  it('stays closed when it was stopped', () => {
    feed.stop();
    last().fail(2);
    expect(last().closed).toBe(true);
    expect(waits).toHaveLength(0);
  });
});

describe('the pace of batches', () => {
  const handed: number[] = [];
  let now = 0;
  const schedule = paced((run) => run(), () => now);
  const at = (ms: number) => {
    vi.advanceTimersByTime(ms - now);
    now = ms;
  };
  const change = () => schedule(() => handed.push(now));
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is that of the changes while these are few, ten a second when they are many, and quick again after a rest', () => {
    [0, 10, 20].forEach((ms) => (at(ms), change()));
    expect(handed).toEqual([0, 10, 20]);
    at(30);
    change();
    at(90);
    expect(handed).toHaveLength(3);
    at(101);
    expect(handed).toHaveLength(4);
    at(2_000);
    change();
    change();
    expect(handed).toHaveLength(6);
  });
});
