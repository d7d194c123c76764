/**
 * Hybrid logical clock: 48 bits of milliseconds, 16 bits of counter, the device. As text it sorts by time:
 * "0198f3c27b00-0003-d9". It never runs backwards, also when the phone's clock does.
 */
export interface HlcState {
  ms: number;
  counter: number;
}

const MAX_COUNTER = 0xffff;

export function tick(last: HlcState, physical: number): HlcState {
  if (physical > last.ms) return { ms: physical, counter: 0 };
  if (last.counter < MAX_COUNTER) return { ms: last.ms, counter: last.counter + 1 };
  return { ms: last.ms + 1, counter: 0 };
}

export function format(state: HlcState, node: string): string {
  return `${state.ms.toString(16).padStart(12, '0')}-${state.counter.toString(16).padStart(4, '0')}-${node}`;
}
