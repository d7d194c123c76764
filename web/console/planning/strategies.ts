/** The strategies of dispatch: their names, and a sentence each on what one gets. */
import type { Strategy } from '$shared/api/types';
import { priorityLabel } from '$shared/i18n/labels';
import { m } from '$shared/i18n/text';

export type StrategyKind = Strategy['kind'];

const words: Record<StrategyKind, [name: () => string, help: () => string]> = {
  smart: [m.strategy_smart, m.strategy_smart_help],
  nearest: [m.strategy_nearest, m.strategy_nearest_help],
  round_robin: [m.strategy_round_robin, m.strategy_round_robin_help],
  least_load: [m.strategy_least_load, m.strategy_least_load_help],
  skill_group: [m.strategy_skill_group, m.strategy_skill_group_help],
  territory: [m.strategy_territory, m.strategy_territory_help],
  senior_first: [m.strategy_senior_first, m.strategy_senior_first_help],
  customer_level: [m.strategy_customer_level, m.strategy_customer_level_help],
  claim: [m.strategy_claim, m.strategy_claim_help],
};
/** The server keeps neither skill groups nor territories yet: these two would change nothing. */
const IDLE: StrategyKind[] = ['skill_group', 'territory'];

/** What one may choose; and what is in force, whatever it is. */
export const offered = (present: string): StrategyKind[] =>
  (Object.keys(words) as StrategyKind[]).filter((kind) => kind === present || !IDLE.includes(kind));

export const strategyName = (kind: string): string => words[kind as StrategyKind]?.[0]() ?? kind;
export const strategyHelp = (kind: string): string => words[kind as StrategyKind]?.[1]() ?? '';

/** With its parameter, as a list shows it: "Senior first (up to High)". */
export function strategyText(strategy: Strategy): string {
  if (strategy.kind === 'senior_first') return m.strategy_with({ name: strategyName(strategy.kind), value: priorityLabel(strategy.up_to_priority) });
  if (strategy.kind === 'customer_level') return m.strategy_with({ name: strategyName(strategy.kind), value: String(strategy.from_level) });
  return strategyName(strategy.kind);
}
