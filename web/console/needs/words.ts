/** The words around a part's probability: at which level, where it comes from, and how it was worked out. */
import { kindLabel, symptomLabel } from '$shared/i18n/labels';
import { m, number, percent } from '$shared/i18n/text';
import type { Level, LearntPart, Source } from './learnt';
import { sourceOf } from './learnt';

/** "Repair", "Repair · GEN2", "Repair · all models · Door fault" */
export function levelWords(kind: string, level: Pick<Level, 'asset_model' | 'symptom'>): string {
  const model = level.asset_model || (level.symptom ? m.needs_all_models() : '');
  return [kindLabel(kind), model, symptomLabel(level.symptom)].filter((word) => word !== '').join(' · ');
}

const words: { [K in Source['from']]: (source: Extract<Source, { from: K }>, kind: string, asked: Level | undefined) => string } = {
  fixed: () => m.needs_from_person(),
  weighted: ({ weight, tickets }) => m.needs_from_person_weighing({ weight: number(weight), tickets: number(tickets) }),
  broader: ({ level }, kind) => m.needs_from_person_broader({ level: levelWords(kind, level) }),
  learnt: ({ level }, kind, asked) => level === asked
    ? m.needs_from_tickets({ tickets: number(level.tickets), uses: number(level.uses) })
    : m.needs_from_tickets_broader({ tickets: number(level.tickets), uses: number(level.uses), level: levelWords(kind, level) }),
};

export function sourceWords(kind: string, part: LearntPart): string {
  const source = sourceOf(part);
  return source ? words[source.from](source as never, kind, part.levels.at(-1)) : m.needs_from_nothing();
}

/** One level as a sum that one can follow: "(30 + 5 × 0%) ÷ (120 + 5) = 24%". */
export function sumWords(level: Level, priorTickets: number): string {
  const fixed = level.edits.find((edit) => edit.weight === null);
  if (fixed) return m.needs_sum_fixed({ percent: percent(fixed.probability) });
  const said = level.edits.filter((edit) => edit.weight !== null && edit.weight > 0);
  const above = [number(level.uses), ...said.map((edit) => `${number(edit.weight ?? 0)} × ${percent(edit.probability)}`), `${number(priorTickets)} × ${percent(level.prior)}`];
  const below = [level.tickets, ...said.map((edit) => edit.weight ?? 0), priorTickets].map(number);
  return `(${above.join(' + ')}) ÷ (${below.join(' + ')}) = ${percent(level.probability)}`;
}

/** What a level rests on, in a sentence. */
export function levelText(level: Level): string {
  const edit = level.edits[0];
  const seen = m.needs_level_seen({ tickets: number(level.tickets), uses: number(level.uses) });
  if (!edit) return seen;
  return edit.weight === null ? m.needs_level_fixed({ percent: percent(edit.probability), seen }) : m.needs_level_said({ percent: percent(edit.probability), weight: number(edit.weight), seen });
}
