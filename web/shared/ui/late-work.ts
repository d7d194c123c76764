/** The three answers to work that came too late, and what that work was. */
import type { CardAnswer, ConflictCard } from '../api/types';
import { collectionLabel } from '../i18n/labels';
import { m } from '../i18n/text';

/** The gentlest first: it is also what a card means that is only put away. */
export const ANSWERS: readonly CardAnswer[] = ['keep_as_history', 'bill_call_out', 'accept_work'];

const titles: Record<CardAnswer, () => string> = { keep_as_history: m.late_keep, bill_call_out: m.late_bill, accept_work: m.late_accept };
const texts: Record<CardAnswer, () => string> = { keep_as_history: m.late_keep_text, bill_call_out: m.late_bill_text, accept_work: m.late_accept_text };
export const answerTitle = (answer: CardAnswer): string => titles[answer]();
export const answerText = (answer: CardAnswer): string => texts[answer]();

export const isLateWork = (card: Pick<ConflictCard, 'kind' | 'status'>): boolean => card.kind === 'late_work' && card.status === 'open';

/** What the phone sent, by kind, in the order in which it came: steps 3, parts 1. */
export function workOf(card: Pick<ConflictCard, 'entries'>): [string, number][] {
  const counts = new Map<string, number>();
  for (const entry of card.entries) {
    const words = collectionLabel(entry.collection ?? '') || m.late_something();
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts];
}
