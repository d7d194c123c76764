/**
 * What would have to be different, in the reader's words. The server tries every change and says it as data; its own
 * sentence is English and is shown only for a kind of change that this page does not know. Sizes are rounded up: a
 * minute or a metre less would not be enough.
 */
import type { WhatIf } from '$shared/api/types';
import { dateTime, distance, duration, m, minutes, number, quantity } from '$shared/i18n/text';

/** What people call that which a change names by its id or code. */
export interface Names {
  skill: (code: string) => string;
  part: (id: string) => { name: string; decimals: number } | null;
  place: (id: string) => string;
}

type Change = WhatIf['change'];
type Kind = Change['change'];
type Of<K extends Kind> = Extract<Change, { change: K }>;

const MINUTE = 60_000;
const KILOMETRE = 1_000;
/** Distances from a kilometre on are shown to a tenth of it. */
const SHOWN_M = 100;

const atLeast = (ms: number): string => duration(Math.ceil(ms / MINUTE) * MINUTE);
const notBefore = (at: number): string => dateTime(Math.ceil(at / MINUTE) * MINUTE);
const far = (metres: number): string => distance(metres < KILOMETRE ? metres : Math.ceil(metres / SHOWN_M) * SHOWN_M);
const certificate = (change: { number: string; skill: string }, names: Names) => ({ number: change.number, skill: names.skill(change.skill) });

function parts(change: { part_id: string; quantity: number }, names: Names): { part: string; count: string } {
  const part = names.part(change.part_id);
  return { part: part?.name ?? '…', count: part ? quantity(change.quantity, part.decimals) : number(change.quantity) };
}

const words: { [K in Kind]: (change: Of<K>, names: Names) => string } = {
  freed_earlier: (change) => m.change_freed_earlier({ minutes: minutes(change.minutes) }),
  nearer: (change) => m.change_nearer({ distance: far(change.metres) }),
  capacity_raised: (change) => m.change_capacity_raised({ minutes: minutes(change.minutes) }),
  certified: (change, names) => m.change_certified({ skill: names.skill(change.skill), level: change.level }),
  certificate_level: (change, names) => m.change_certificate_level({ ...certificate(change, names), level: change.level }),
  certificate_until: (change, names) => m.change_certificate_until({ ...certificate(change, names), time: notBefore(change.valid_until), longer: atLeast(change.longer_ms) }),
  // From when: the minute that is shown must not be after the instant that is needed.
  certificate_from: (change, names) => m.change_certificate_from({ ...certificate(change, names), time: dateTime(change.valid_from), earlier: atLeast(change.earlier_ms) }),
  window_until: (change) => m.change_window_until({ time: notBefore(change.latest_at), later: atLeast(change.later_ms) }),
  reach_raised: (change) => m.change_reach_raised({ distance: far(change.max_distance_m), farther: far(change.farther_m) }),
  part_on_van: (change, names) => m.change_part_on_van(parts(change, names)),
  part_at_depot: (change, names) => m.change_part_at_depot({ ...parts(change, names), place: names.place(change.location_id) || '…' }),
};

export function changeText(one: Pick<WhatIf, 'change' | 'sentence'>, names: Names): string {
  const say = words[one.change.change] as ((change: Change, names: Names) => string) | undefined;
  return say?.(one.change, names) ?? one.sentence;
}

/** A line above the changes: what any one of them would achieve for this engineer. */
export const goalText = (goal: WhatIf['goal'], name: string): string => (goal === 'first' ? m.whatif_first({ name }) : m.whatif_placeable({ name }));
