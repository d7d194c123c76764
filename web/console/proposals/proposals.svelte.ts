/**
 * What the planner proposes. The server makes a new proposal as things change, so the page asks again while somebody
 * looks; what is accepted is one action, which can be undone.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { PlanProposal, ProposalEntry } from '$shared/api/types';
import { problemWords } from '$shared/i18n/problems';
import { m, number } from '$shared/i18n/text';
import { toasts } from '$shared/ui/toast.svelte';
import { undo } from '../undo/undo.svelte';

const EVERY_MS = 5_000;
/** How much of it; nothing means all. */
export interface Part {
  engineer_id?: string;
  ticket_ids?: string[];
  safe?: boolean;
}

let proposal = $state.raw<PlanProposal | null>(null);
let known = $state(false);
let failed = $state(false);
let busy = $state(false);
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

async function look(): Promise<void> {
  try {
    proposal = (await ask(api.GET('/api/v1/dispatch/proposal'))) as PlanProposal | null;
    [known, failed] = [true, false];
  } catch {
    failed = true;
  }
}

export const proposals = {
  get now(): PlanProposal | null {
    return proposal;
  },
  /** Whether the server has answered yet. */
  get known(): boolean {
    return known;
  },
  get failed(): boolean {
    return failed;
  },
  get busy(): boolean {
    return busy;
  },
  /** What an engineer would get. */
  to: (engineerId: string): ProposalEntry[] => (proposal?.entries ?? []).filter((entry) => entry.to_engineer_id === engineerId),
  look,
  async accept(part: Part = {}): Promise<boolean> {
    if (busy || !proposal) return false;
    busy = true;
    try {
      const action = await ask(api.POST('/api/v1/dispatch/proposal/accept', { body: { proposal_id: proposal.id, safe: false, ...part } }));
      toasts.say(m.action_accept_proposal({ count: number(action.tickets) }), 'plain', { text: m.undo(), run: () => void undo.undo({ action_id: action.id }).then(look) });
      return true;
    } catch (cause) {
      toasts.say(cause instanceof Problem ? problemWords(cause, []).join(' ') : String(cause), 'late');
      return false;
    } finally {
      busy = false;
      await look();
    }
  },
  /** Until the returned function is called, the page knows what is proposed. */
  watch(): () => void {
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
