/**
 * What the planner does, as far as this page has seen it: the server tells its last round, so the page asks again and
 * again while somebody looks; and the stream tells what was given out in the planner's name.
 */
import { api, ask } from '$shared/api/client';
import type { Round } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import type { Change } from '$shared/stream/store';
import { live } from '../live.svelte';

const EVERY_MS = 10_000;
const MOST_ROUNDS = 20;
const MOST_MOVES = 50;
/** In whose name the server writes what the planner decides. */
const ACTOR = 'planner';

export interface PlannedMove {
  key: number;
  ticketId: string;
  /** Who had it; null if nobody. */
  from: string | null;
  to: string;
  at: number;
}

let rounds = $state.raw<Round[]>([]);
let moves = $state.raw<PlannedMove[]>([]);
let known = $state(false);
let failed = $state(false);
let since = $state(0);
let watchers = 0;
let listening = false;
let timer: ReturnType<typeof setInterval> | undefined;
/** From whom a ticket was just taken; the assignment that follows says to whom it goes. */
const taken = new Map<string, { from: string; at: number }>();

function hear({ entity, actor, row, seq, at }: Change): void {
  if (entity !== 'assignments' || actor !== ACTOR || !row) return;
  const [ticketId, engineer] = [String(row['ticket_id']), String(row['engineer_id'])];
  if (row['ended_at'] != null) taken.set(ticketId, { from: engineer, at });
  else if (!moves.some((move) => move.key === seq)) {
    const before = taken.get(ticketId);
    taken.delete(ticketId);
    moves = [{ key: seq, ticketId, from: before?.at === at ? before.from : null, to: engineer, at }, ...moves].slice(0, MOST_MOVES);
  }
}

async function look(): Promise<void> {
  try {
    const round = (await ask(api.GET('/api/v1/dispatch/plan'))) as Round | null;
    known = true;
    failed = false;
    if (!round) return;
    rounds = [round, ...rounds.filter((one) => one.at !== round.at)].slice(0, MOST_ROUNDS);
  } catch {
    failed = true;
  }
}

export const plan = {
  /** The latest first. */
  get rounds(): Round[] {
    return rounds;
  },
  get moves(): PlannedMove[] {
    return moves;
  },
  /** Whether the server has answered yet; with no round, it has none. */
  get known(): boolean {
    return known;
  },
  get failed(): boolean {
    return failed;
  },
  /** Since when the page has listened. */
  get since(): number {
    return since;
  },
  look,
  /** Until the returned function is called, the page knows the last round. */
  watch(): () => void {
    if (!listening) {
      listening = true;
      since = clock.exact();
      live.onChange(hear);
    }
    watchers += 1;
    if (watchers === 1) {
      void look();
      timer = setInterval(() => void (document.hidden || look()), EVERY_MS);
    }
    return () => {
      watchers -= 1;
      if (watchers === 0) clearInterval(timer);
    };
  },
};
