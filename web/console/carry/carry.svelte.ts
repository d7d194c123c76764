/**
 * The ticket that a dispatcher holds while he looks for who takes it, by the pointer or by keys: what the server says of
 * every engineer, whom he points at, and what letting go does. The same verdicts and the same ways out for both.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { Engineer, Ticket, Verdict } from '$shared/api/types';
import { problemWords } from '$shared/i18n/problems';
import { m } from '$shared/i18n/text';
import { toasts } from '$shared/ui/toast.svelte';
import { actions } from '../drawer/actions.svelte';
import { assignable, overridable } from '../drawer/legal';
import { live } from '../live.svelte';
import { bestFirst, forbiddenText } from './words';

export interface Held {
  ticket: Ticket;
  by: 'pointer' | 'keys';
}
/** Somebody whom a rule excludes, and who is to get it all the same. */
export interface Override {
  ticket: Ticket;
  engineer: Engineer;
  text: string;
}

let held = $state.raw<Held | null>(null);
let verdicts = $state.raw<Map<string, Verdict>>(new Map());
let over = $state<string | null>(null);
let point = $state.raw({ x: 0, y: 0 });
let override = $state.raw<Override | null>(null);
/** Rises with every ticket that is picked up: an answer about another comes too late. */
let round = 0;

async function hear(ticketId: string): Promise<void> {
  const mine = ++round;
  try {
    const answer = await ask(api.POST('/api/v1/dispatch/verdicts', { body: { ticket_id: ticketId } }));
    if (mine !== round) return;
    verdicts = new Map(answer.items.map((verdict) => [verdict.engineer_id, verdict]));
    // By keys one begins with whom the engine would send.
    if (held?.by === 'keys' && over === null) over = bestFirst(answer.items)[0]?.engineer_id ?? null;
  } catch (problem) {
    if (mine === round) toasts.say(problem instanceof Problem ? problemWords(problem, []).join(' ') : m.verdicts_failed(), 'late');
  }
}

export const carry = {
  get held(): Held | null {
    return held;
  },
  get verdicts(): Map<string, Verdict> {
    return verdicts;
  },
  /** The engineer whom one points at. */
  get over(): string | null {
    return over;
  },
  get point(): { x: number; y: number } {
    return point;
  },
  get override(): Override | null {
    return override;
  },
  verdict: (engineerId: string | null): Verdict | null => (held && engineerId ? (verdicts.get(engineerId) ?? null) : null),
  /** Takes a ticket in hand; false, with a word why, if it is not to be moved. */
  pick(ticketId: string, by: Held['by']): boolean {
    const ticket = live.tickets.get(ticketId);
    if (!ticket || !assignable(ticket.status)) {
      toasts.say(m.not_movable({ number: String(ticket?.number ?? '') }), 'late');
      return false;
    }
    held = { ticket, by };
    verdicts = new Map();
    over = null;
    void hear(ticketId);
    return true;
  },
  move(x: number, y: number, engineerId: string | null): void {
    point = { x, y };
    over = engineerId;
  },
  look(engineerId: string): void {
    over = engineerId;
  },
  /** Another who could take it: `by` steps down the list of the cheapest. */
  next(by: 1 | -1): void {
    const list = bestFirst([...verdicts.values()]);
    const at = list.findIndex((one) => one.engineer_id === over);
    over = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + by))]?.engineer_id ?? over;
  },
  leave(): void {
    round += 1;
    held = null;
    over = null;
    verdicts = new Map();
  },
  /** Lets it go over whom one points at. */
  async drop(): Promise<void> {
    const [ticket, verdict, engineer] = [held?.ticket, carry.verdict(over), live.engineers.get(over ?? '')];
    carry.leave();
    if (!ticket || !engineer || ticket.engineer_id === engineer.id) return;
    await carry.give(ticket, engineer, verdict);
  },
  /** Gives it to him as that verdict says: at once, after a reason, or not at all. */
  async give(ticket: Ticket, engineer: Engineer, verdict: Verdict | null): Promise<void> {
    if (verdict?.grade !== 'forbidden' || !verdict.rule) {
      await actions.assign(ticket.id, engineer.id);
      return;
    }
    const text = forbiddenText(verdict);
    if (overridable(verdict.rule)) override = { ticket, engineer, text };
    else toasts.say(m.never_to({ name: engineer.name, reason: text }), 'late');
  },
  async overrule(reason: string): Promise<void> {
    const asked = override;
    override = null;
    if (asked) await actions.assign(asked.ticket.id, asked.engineer.id, reason, asked.ticket.engineer_id ?? null);
  },
  yield: (): void => {
    override = null;
  },
};
