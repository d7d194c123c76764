/**
 * Hybrid logical clock: 48 bits of milliseconds, 16 bits of counter, the writer's tag. As text it sorts by time:
 * "0198f3c27b00-0003-d9". It never runs backwards, also when the phone's clock does.
 */
export interface HlcState {
  ms: number;
  counter: number;
}

const MAX_COUNTER = 0xffff;
const TAG_LENGTH = 8;
const FORM = /^([0-9a-f]{12})-([0-9a-f]{4})-([0-9a-z]+)$/;

/** The reading for a new event at `physical`, UTC milliseconds by the server's clock as far as it is known. */
export function tick(last: HlcState, physical: number): HlcState {
  if (physical > last.ms) return { ms: physical, counter: 0 };
  if (last.counter < MAX_COUNTER) return { ms: last.ms, counter: last.counter + 1 };
  return { ms: last.ms + 1, counter: 0 };
}

export function format(state: HlcState, tag: string): string {
  return `${state.ms.toString(16).padStart(12, '0')}-${state.counter.toString(16).padStart(4, '0')}-${tag}`;
}

/** Null: it is no reading. */
export function parse(text: string): (HlcState & { tag: string }) | null {
  const found = FORM.exec(text);
  if (!found) return null;
  const [, ms = '', counter = '', tag = ''] = found;
  return { ms: Number.parseInt(ms, 16), counter: Number.parseInt(counter, 16), tag };
}

/** The writer's tag of our devices: the end of the id. */
export const tagOf = (deviceId: string): string => deviceId.replace(/-/g, '').slice(-TAG_LENGTH) || '0';
