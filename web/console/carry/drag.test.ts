import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { drag } from './drag';

type Heard = (event: Record<string, unknown>) => void;
let heard: Map<string, { run: Heard; signal?: AbortSignal }[]>;
let row: string | null;
let scrolled: number;
const carrier = { pick: vi.fn(() => true), move: vi.fn(), drop: vi.fn(), leave: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  heard = new Map();
  row = 'e1';
  scrolled = 0;
  vi.clearAllMocks();
  carrier.pick.mockReturnValue(true);
  vi.stubGlobal('addEventListener', (name: string, run: Heard, options?: { signal?: AbortSignal }) => heard.set(name, [...(heard.get(name) ?? []), { run, ...(options?.signal ? { signal: options.signal } : {}) }]));
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  const box = { getBoundingClientRect: () => ({ left: 0, right: 500, top: 300, bottom: 600 }), get scrollTop() { return scrolled; }, set scrollTop(to: number) { scrolled = to; } };
  vi.stubGlobal('document', { elementFromPoint: () => ({ closest: () => (row ? { dataset: { engineer: row } } : null) }), querySelector: () => box });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const say = (name: string, event: Record<string, unknown> = {}) => {
  const whole = { pointerId: 1, clientX: 10, clientY: 10, preventDefault: () => undefined, stopPropagation: () => undefined, ...event };
  for (const { run, signal } of heard.get(name) ?? []) if (!signal?.aborted) run(whole);
};
const down = (over: Record<string, unknown> = {}, ticket: string | null = 't1') =>
  drag({ button: 0, isPrimary: true, pointerId: 1, pointerType: 'mouse', clientX: 10, clientY: 10, target: { closest: () => (ticket ? { dataset: { ticket } } : null) }, ...over } as never, carrier);

describe('a drag', () => {
  it('begins when the mouse has gone some way, and lets go over a row', () => {
    down();
    say('pointermove', { clientX: 13 });
    expect(carrier.pick).not.toHaveBeenCalled();
    say('pointermove', { clientX: 30 });
    expect(carrier.pick).toHaveBeenCalledWith('t1');
    say('pointerup', { clientX: 40, clientY: 400 });
    expect([carrier.move.mock.calls.at(-1), carrier.drop.mock.calls.length]).toEqual([[40, 400, 'e1'], 1]);
  });

  it('that goes nowhere is a click, and swallows none', () => {
    down();
    say('pointerup');
    expect([carrier.pick.mock.calls.length, carrier.drop.mock.calls.length, heard.has('click')]).toEqual([0, 0, false]);
  });

  it('begins neither with another button nor beside a ticket, nor with a ticket that is not to be moved', () => {
    down({ button: 2 });
    down({}, null);
    expect(heard.size).toBe(0);
    carrier.pick.mockReturnValue(false);
    down();
    say('pointermove', { clientX: 90 });
    say('pointerup');
    expect(carrier.drop).not.toHaveBeenCalled();
  });

  it('of a finger begins when it has held still, and is a scroll when it has not', () => {
    down({ pointerType: 'touch' });
    say('pointermove', { clientX: 90 });
    vi.advanceTimersByTime(1_000);
    expect(carrier.pick).not.toHaveBeenCalled();
    down({ pointerType: 'touch' });
    vi.advanceTimersByTime(400);
    expect(carrier.pick).toHaveBeenCalledOnce();
    const stopped = vi.fn();
    say('touchmove', { preventDefault: stopped });
    expect(stopped).toHaveBeenCalled();
  });

  it('is left by Escape and by what interrupts it', () => {
    for (const [name, event] of [['keydown', { key: 'Escape' }], ['pointercancel', {}]] as const) {
      down();
      say('pointermove', { clientX: 90 });
      say(name, event);
      say('pointerup');
    }
    expect([carrier.leave.mock.calls.length, carrier.drop.mock.calls.length]).toEqual([2, 0]);
  });

  it.each([[595, 5], [450, 0], [330, -5]])('at height %d scrolls the rows by %d', (clientY, by) => {
    scrolled = 100;
    down();
    say('pointermove', { clientX: 90, clientY });
    expect(scrolled - 100).toBe(by);
  });

  it('over no row points at nobody', () => {
    row = null;
    down();
    say('pointermove', { clientX: 90 });
    expect(carrier.move).toHaveBeenCalledWith(90, 10, null);
  });
});
