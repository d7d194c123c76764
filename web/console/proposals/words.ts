/** A proposal in words: who it goes to, and what that is worth. */
import type { PlanProposal, ProposalEntry } from '$shared/api/types';
import { m, number, signedMinutes } from '$shared/i18n/text';

export interface Group {
  /** Nobody, for what is left out. */
  engineerId: string | null;
  entries: ProposalEntry[];
}

/** By who gets it, in the order in which the work begins; what nobody can do comes last. */
export function groupsOf(proposal: PlanProposal): Group[] {
  const groups = new Map<string | null, ProposalEntry[]>();
  for (const entry of proposal.entries) {
    const to = entry.to_engineer_id ?? null;
    groups.set(to, [...(groups.get(to) ?? []), entry]);
  }
  return [...groups].map(([engineerId, entries]) => ({ engineerId, entries })).sort((a, b) => Number(a.engineerId === null) - Number(b.engineerId === null));
}

export const acceptable = (entries: readonly ProposalEntry[]): ProposalEntry[] => entries.filter((entry) => entry.change !== 'dropped');

/** Less time on the road is a minus: "−14 min travel". */
export const travelText = (won: number): string => m.proposal_travel({ minutes: signedMinutes(-won) });
export const sumText = (proposal: PlanProposal): string =>
  `${travelText(proposal.travel_minutes_won)} · ${m.proposal_promises({ count: `${proposal.promises_won > 0 ? '+' : ''}${number(proposal.promises_won)}` })}`;

const late = (minutes: number | null | undefined): string => (minutes == null ? m.proposal_unplanned() : minutes === 0 ? m.proposal_in_time() : m.proposal_late({ minutes: number(minutes) }));
/** What becomes of its promise; one word where nothing does. */
export function promiseText(entry: ProposalEntry): string {
  const [before, after] = [late(entry.late_minutes), late(entry.proposed_late_minutes)];
  return before === after ? after : `${before} → ${after}`;
}
export const promiseTone = (entry: ProposalEntry): 'good' | 'late' | '' => {
  const [before, after] = [entry.late_minutes ?? Infinity, entry.proposed_late_minutes ?? Infinity];
  return after < before ? 'good' : after > before ? 'late' : '';
};
