/**
 * What a dispatcher does to a ticket. Each asks the server and says what came of it; the stream then brings the
 * change to everybody, the asker's own screen does not wait for it.
 */
import { api, ask, askTagged } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { Assignment, EventKind } from '$shared/api/types';
import { m } from '$shared/i18n/text';
import { problemWords } from '$shared/i18n/problems';
import { toasts } from '$shared/ui/toast.svelte';
import { live } from '../live.svelte';
import { nameOf, undo } from '../undo/undo.svelte';

let assignAsked = $state(0);
let busy = $state(false);

async function fresh(id: string): Promise<void> {
  live.put(await ask(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })));
}

function failed(cause: unknown): void {
  toasts.say(cause instanceof Problem ? problemWords(cause, []).join(' ') : String(cause), 'late');
}

export const actions = {
  /** Rises each time somebody presses A: the drawer then shows its assignment tab. */
  get assignAsked(): number {
    return assignAsked;
  },
  get busy(): boolean {
    return busy;
  },
  openAssign(): void {
    assignAsked += 1;
  },
  /** `holder`: who had it when the dispatcher decided, where that is longer ago. */
  async assign(
    ticketId: string, engineerId: string | null, reason?: string, holder = live.tickets.get(ticketId)?.engineer_id,
  ): Promise<Assignment | null> {
    if (busy) return null;
    busy = true;
    try {
      // Who has it as the dispatcher sees it: if that is not so any more, the server says so instead of taking it from another.
      const has = engineerId && holder;
      const assignment = await ask(api.POST('/api/v1/tickets/{id}/assignments', {
        params: { path: { id: ticketId } },
        body: { ...(engineerId ? { engineer_id: engineerId } : {}), ...(reason ? { reason } : {}), ...(has ? { instead_of: has } : {}) },
      }));
      await fresh(ticketId);
      const [name, number] = [nameOf(assignment.engineer_id), String(live.tickets.get(ticketId)?.number ?? '')];
      const short = assignment.shortages?.length ?? 0;
      undo.say(short > 0 ? m.assigned_short({ number, name, count: short }) : m.action_assign({ number, name }), ticketId);
      return assignment;
    } catch (cause) {
      failed(cause);
      return null;
    } finally {
      busy = false;
    }
  },
  /** The server assigns the ticket by itself again, as soon as somebody can take it. */
  async dispatchAutomatically(ticketId: string): Promise<void> {
    if (busy) return;
    busy = true;
    const path = { id: ticketId };
    try {
      const { tag } = await askTagged(api.GET('/api/v1/tickets/{id}', { params: { path } }));
      live.put(await ask(api.PATCH('/api/v1/tickets/{id}', { params: { path, header: { 'If-Match': tag } }, body: { auto_dispatch: true } })));
      undo.say(m.auto_on_done(), ticketId);
    } catch (cause) {
      failed(cause);
    } finally {
      busy = false;
    }
  },
  async event(ticketId: string, kind: EventKind, reason?: string): Promise<boolean> {
    if (busy) return false;
    busy = true;
    try {
      const ticket = await ask(api.POST('/api/v1/tickets/{id}/events', { params: { path: { id: ticketId } }, body: { kind, ...(reason ? { reason } : {}) } }));
      live.put(ticket);
      const said = { unassign: m.action_unassign, cancel: m.action_cancel }[kind as string];
      if (said) undo.say(said({ number: String(ticket.number) }), ticketId);
      return true;
    } catch (cause) {
      failed(cause);
      return false;
    } finally {
      busy = false;
    }
  },
};
