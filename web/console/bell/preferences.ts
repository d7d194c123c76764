/** What one may choose of the ways on which one is told. */
import type { Preference } from '$shared/api/types';

/** That a promise runs out must reach somebody; the server refuses to leave it no way. */
const MUST_ARRIVE: ReadonlySet<string> = new Set(['response_due', 'resolution_due']);

export const isLastWay = (one: Preference, way: 'bell' | 'mail'): boolean => MUST_ARRIVE.has(one.kind) && one[way] && !one[way === 'bell' ? 'mail' : 'bell'];
