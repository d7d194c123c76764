/**
 * What one should know when a shift begins, as the server says it: read when the page is opened, and again while one looks
 * at it whenever something changed. It is shown by itself to who has not looked for some hours; `H` shows it at any time.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { ShiftCard, Verdict } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { problemWords } from '$shared/i18n/problems';
import { toasts } from '$shared/ui/toast.svelte';
import { actions } from '../drawer/actions.svelte';
import { live } from '../live.svelte';

const HOUR = 3_600_000;
/** Whoever looked less long ago than this is in the middle of his shift. */
const FORGETS_MS = 4 * HOUR;
/** Changes come in bursts; so long they are gathered. */
const GATHER_MS = 2_500;
const TOLD = new Set(['tickets', 'assignments', 'reservations', 'absences', 'shifts', 'handover_notes', 'purchase_orders']);

let card = $state.raw<ShiftCard | null>(null);
let failed = $state(false);
let open = $state(false);
let whole = $state(false);

/** Until noon; when that is near or over, the next four hours. */
export function horizon(now: number): number {
  const noon = new Date(now);
  noon.setHours(12, 0, 0, 0);
  return noon.getTime() - now >= HOUR ? noon.getTime() : now + 4 * HOUR;
}

/** Whether the card is to be shown unasked. */
export const isDue = (seen: Pick<ShiftCard, 'looked_at' | 'now_at'>): boolean => seen.looked_at == null || seen.now_at - seen.looked_at > FORGETS_MS;

async function load(): Promise<boolean> {
  try {
    const since = whole && card?.shift_began_at != null ? { since: card.shift_began_at } : {};
    card = await ask(api.GET('/api/v1/shift', { params: { query: { until: Math.round(horizon(clock.exact())), ...since } } }));
    failed = false;
  } catch {
    failed = true;
  }
  return !failed;
}

async function tried<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (cause) {
    toasts.say(cause instanceof Problem ? problemWords(cause, []).join(' ') : String(cause), 'late');
    return null;
  }
}

export const shift = {
  get card(): ShiftCard | null {
    return card;
  },
  get failed(): boolean {
    return failed;
  },
  get open(): boolean {
    return open;
  },
  set open(now: boolean) {
    open = now;
  },
  /** Since the shift began, instead of since one last looked. */
  get whole(): boolean {
    return whole;
  },
  set whole(now: boolean) {
    whole = now;
    void load();
  },
  load,
  tried,
  /** Reads it once, and shows it to who has to see it. `unasked`: nobody is looking at something else. */
  async begin(unasked: boolean): Promise<void> {
    const read = await load();
    if (read && card && unasked && isDue(card)) open = true;
  },
  /** Keeps it true until the returned function is called. */
  follow(): () => void {
    void load();
    let planned: ReturnType<typeof setTimeout> | undefined;
    const stop = live.onChange((change) => {
      if (planned !== undefined || !TOLD.has(change.entity)) return;
      planned = setTimeout(() => {
        planned = undefined;
        void load();
      }, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(planned);
    };
  },
  /** What is shown is seen: the next card begins there. */
  async seen(): Promise<void> {
    const until = card?.now_at;
    open = false;
    if (until === undefined) return;
    await tried(ask(api.POST('/api/v1/shift/looked', { body: { until } })));
  },
  async leave(text: string, ticketId: string | null): Promise<boolean> {
    const note = await tried(ask(api.POST('/api/v1/handover-notes', { body: { text, ...(ticketId ? { ticket_id: ticketId } : {}) } })));
    if (note) await load();
    return note !== null;
  },
  async done(id: string): Promise<void> {
    await tried(ask(api.POST('/api/v1/handover-notes/{id}/done', { params: { path: { id } } })));
    await load();
  },
  /** Gives a ticket to whom a verdict is about, instead of who had it then; with a reason where it is against a rule. */
  async give(ticketId: string, holder: string | null, verdict: Verdict, reason?: string): Promise<void> {
    await actions.assign(ticketId, verdict.engineer_id, reason, holder);
    await load();
  },
  async order(partId: string): Promise<boolean> {
    const made = await tried(ask(api.POST('/api/v1/purchase-list/orders', { body: { lines: [{ part_id: partId }] } })));
    await load();
    return made !== null;
  },
};
