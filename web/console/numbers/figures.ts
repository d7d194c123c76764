/** The cards: each a share or a count, with the figure that it opens to. */
import { m, minutes, number, percent } from '$shared/i18n/text';
import type { Numbers } from './numbers.svelte';

export interface Card {
  id: string;
  title: string;
  value: string;
  /** What it is of, and what is beside it. */
  text: string;
  /** The figure that it opens to; the tickets that need somebody, where it is a share. */
  figure: string;
  /** Good from here on, bad below; nothing if it is neither. */
  tone: 'good' | 'warn' | 'late' | '';
}

/** A share as it is told; a dash where there is nothing to share. */
export const share = (part: number, rest: number): string => (part + rest === 0 ? '–' : percent(part / (part + rest)));
const toneOf = (part: number, rest: number, good: number, fair: number): Card['tone'] => {
  if (part + rest === 0) return '';
  const reached = part / (part + rest);
  return reached >= good ? 'good' : reached >= fair ? 'warn' : 'late';
};
export const time = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : minutes(value));

const spread = ({ count, mean, p90 }: Numbers['resolution']): string => (count === 0 ? m.num_nothing() : m.num_spread({ mean: time(mean), p90: time(p90) }));

export function cards(counted: Numbers): Card[] {
  const f = (name: string) => counted.figures[name] ?? 0;
  const said = f('satisfied') + f('neutral') + f('dissatisfied');
  const { first_response: response, resolution } = counted;
  return [
    { id: 'opened', title: m.num_opened(), value: number(f('opened')), text: m.num_opened_text({ open: number(f('still_open')), cancelled: number(f('cancelled')) }), figure: 'opened', tone: '' },
    { id: 'done', title: m.num_done(), value: number(f('done')), text: m.num_done_text({ count: number(f('overdue')) }), figure: 'done', tone: '' },
    { id: 'response', title: m.num_response(), value: time(response.median), text: spread(response), figure: 'response_missed', tone: '' },
    { id: 'resolution', title: m.num_resolution(), value: time(resolution.median), text: spread(resolution), figure: 'done', tone: '' },
    { id: 'response_kept', title: m.num_response_kept(), value: share(f('response_kept'), f('response_missed')), text: m.num_late({ count: number(f('response_missed')) }), figure: 'response_missed', tone: toneOf(f('response_kept'), f('response_missed'), 0.95, 0.85) },
    { id: 'kept', title: m.num_kept(), value: share(f('kept'), f('missed')), text: m.num_late({ count: number(f('missed')) }), figure: 'missed', tone: toneOf(f('kept'), f('missed'), 0.95, 0.85) },
    { id: 'first_visit', title: m.num_first_visit(), value: share(f('first_visit'), f('more_visits')), text: m.num_first_visit_text({ count: number(f('more_visits')) }), figure: 'more_visits', tone: toneOf(f('first_visit'), f('more_visits'), 0.9, 0.75) },
    { id: 'satisfied', title: m.num_satisfied(), value: share(f('satisfied'), said - f('satisfied')), text: m.num_satisfied_text({ neutral: number(f('neutral')), dissatisfied: number(f('dissatisfied')) }), figure: 'dissatisfied', tone: toneOf(f('satisfied'), said - f('satisfied'), 0.9, 0.75) },
  ];
}

const names: Record<string, () => string> = {
  opened: m.num_opened, still_open: m.num_f_still_open, overdue: m.num_f_overdue, cancelled: m.num_f_cancelled, response_kept: m.num_f_response_kept,
  response_missed: m.num_f_response_missed, done: m.num_done, kept: m.num_f_kept, missed: m.num_f_missed, first_visit: m.num_f_first_visit,
  more_visits: m.num_f_more_visits, satisfied: m.num_f_satisfied, neutral: m.num_f_neutral, dissatisfied: m.num_f_dissatisfied,
};
/** A figure in words; one that this page does not know by its code. */
export const figureName = (figure: string): string => names[figure]?.() ?? figure;
