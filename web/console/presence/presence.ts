/**
 * Who else looks at a ticket, and who has it in a form. The page says where it is whenever that changes, and every twenty
 * seconds, so that a page that died is forgotten; the stream tells of all others. What cannot be said now is said next time.
 */
import { api, ask } from '$shared/api/client';
import type { Presence } from '$shared/api/types';
import { uuidv7 } from '$shared/uuid';
import { live } from '../live.svelte';

const AGAIN_MS = 20_000;
/** Whoever walks through the queue is nowhere. */
const PAUSE_MS = 250;

const page = uuidv7();
// Nobody draws these: an effect that says where the page is must not depend on what it has said.
let here: { ticket: string | null; editing: boolean } = { ticket: null, editing: false };
let editing = 0;
let pause: ReturnType<typeof setTimeout> | undefined;
let said = '';

const body = () => ({ page_id: page, editing: here.editing, ...(here.ticket ? { ticket_id: here.ticket } : {}) });

async function say(): Promise<void> {
  await ask(api.PUT('/api/v1/presence', { body: body() })).catch(() => undefined);
}

export interface Other {
  login: string;
  editing: boolean;
}

/** Each person once, whoever edits first. */
export function othersAt(everybody: readonly Presence[], ticketId: string, mine: string): Other[] {
  const found = new Map<string, Other>();
  for (const one of everybody) {
    if (one.ticket_id !== ticketId || one.page_id === mine) continue;
    found.set(one.login, { login: one.login, editing: one.editing || (found.get(one.login)?.editing ?? false) });
  }
  return [...found.values()].sort((a, b) => Number(b.editing) - Number(a.editing) || a.login.localeCompare(b.login));
}

/** "DL" of dora.lee, "D" of dora. */
export const initials = (login: string): string => login.split(/[^\p{L}\p{N}]+/u).filter(Boolean).slice(0, 2).map((part) => [...part][0]?.toUpperCase() ?? '').join('');

export const presence = {
  at: (ticketId: string): Other[] => othersAt(live.presences, ticketId, page),
  /** Which ticket the page shows. */
  show(ticket: string | null): void {
    here = { ticket, editing: ticket !== null && editing > 0 };
    const now = JSON.stringify(here);
    if (now === said) return;
    said = now;
    clearTimeout(pause);
    pause = setTimeout(() => void say(), PAUSE_MS);
  },
  /** A form of the ticket is open until the returned function is called. */
  edit(): () => void {
    editing += 1;
    presence.show(here.ticket);
    return () => {
      editing -= 1;
      presence.show(here.ticket);
    };
  },
  /** Says it again and again until the returned function is called, and then that the page is gone. */
  start(): () => void {
    const again = setInterval(() => void (here.ticket && say()), AGAIN_MS);
    const gone = () => {
      if (!here.ticket) return;
      void fetch('/api/v1/presence', { method: 'PUT', keepalive: true, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ page_id: page }) }).catch(() => undefined);
    };
    addEventListener('pagehide', gone);
    return () => {
      clearInterval(again);
      clearTimeout(pause);
      removeEventListener('pagehide', gone);
      said = '';
      gone();
    };
  },
};
