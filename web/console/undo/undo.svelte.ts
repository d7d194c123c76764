/**
 * Undoing and redoing. The server keeps what everybody did and decides what can be taken back; the page asks, and says
 * what came of it. Every piece of news about something undone offers the way back.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { Action } from '$shared/api/types';
import { problemWords } from '$shared/i18n/problems';
import { m } from '$shared/i18n/text';
import { toasts } from '$shared/ui/toast.svelte';
import { live } from '../live.svelte';
import { actionText } from './words';

export interface Which {
  action_id?: string;
  ticket_id?: string;
}
const ROUTES = { undo: '/api/v1/dispatch/undo', redo: '/api/v1/dispatch/redo' } as const;
let busy = $state(false);

export const nameOf = (id: string): string => {
  const engineer = live.engineers.get(id);
  return engineer ? `${engineer.code} ${engineer.name}` : '…';
};

async function turn(way: keyof typeof ROUTES, which: Which): Promise<Action | null> {
  if (busy) return null;
  busy = true;
  try {
    const action = await ask(api.POST(ROUTES[way], { body: which }));
    const what = actionText(action, nameOf);
    const back = { action_id: action.id };
    if (way === 'undo') toasts.say(m.undone_what({ what }), 'plain', { text: m.redo(), run: () => void undo.redo(back) });
    else toasts.say(m.redone_what({ what }), 'plain', { text: m.undo(), run: () => void undo.undo(back) });
    return action;
  } catch (cause) {
    toasts.say(cause instanceof Problem ? problemWords(cause, []).join(' ') : String(cause), 'late');
    return null;
  } finally {
    busy = false;
  }
}

export const undo = {
  get busy(): boolean {
    return busy;
  },
  /** One's own last action, or the one that is named. */
  undo: (which: Which = {}): Promise<Action | null> => turn('undo', which),
  redo: (which: Which = {}): Promise<Action | null> => turn('redo', which),
  /** Says what was just done to a ticket, with the way back. */
  say(text: string, ticketId: string): void {
    toasts.say(text, 'plain', { text: m.undo(), run: () => void undo.undo({ ticket_id: ticketId }) });
  },
};
