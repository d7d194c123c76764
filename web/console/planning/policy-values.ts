/**
 * A dispatch policy as the texts of a form, and back; and one kind's policy within the set that the server keeps whole.
 * A kind without a policy of its own follows the general one.
 */
import type { DispatchPolicies, DispatchPolicy, Strategy } from '$shared/api/types';
import { DEFAULTS, groups, type NumberSpec } from './fields';

export type PolicyValues = Record<string, string>;

/** A text that no ticket's kind is, for the policy of all kinds that have none of their own. */
export const GENERAL = '';

export const PRIORITIES = [1, 2, 3, 4];
const FIELDS: NumberSpec[] = groups.flatMap((group) => group.fields);
/** The value's keys of a field: one, or one for each priority. */
export const keysOf = (field: NumberSpec): string[] => (field.byPriority ? PRIORITIES.map((priority) => `${field.key}.${priority - 1}`) : [field.key]);

function at(policy: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], policy);
}

/** What the server takes for a number where nothing is said; null for a limit that is then none. */
export function defaultOf(key: string): number | null {
  const usual = at(DEFAULTS, key);
  return usual === undefined ? null : Number(usual);
}

export function valuesOf(policy: DispatchPolicy): PolicyValues {
  const { strategy } = policy;
  const numbers = FIELDS.flatMap(keysOf).map((key) => [key, String(at(policy, key) ?? at(DEFAULTS, key) ?? '')] as const);
  return {
    strategy: strategy.kind,
    up_to_priority: String(strategy.kind === 'senior_first' ? strategy.up_to_priority : PRIORITIES[0]),
    from_level: String(strategy.kind === 'customer_level' ? strategy.from_level : 1),
    ...Object.fromEntries(numbers),
  };
}

function strategyOf(values: PolicyValues): Strategy {
  const kind = values['strategy'] as Strategy['kind'];
  if (kind === 'senior_first') return { kind, up_to_priority: Number(values['up_to_priority']) };
  if (kind === 'customer_level') return { kind, from_level: Number(values['from_level']) };
  return { kind };
}

/** The version is counted by the server, whatever is sent. */
export function policyOf(values: PolicyValues): DispatchPolicy {
  const policy = structuredClone(DEFAULTS);
  for (const [spec, key] of FIELDS.flatMap((field) => keysOf(field).map((one) => [field, one] as const))) {
    const typed = (values[key] ?? '').trim();
    if (spec.optional && typed === '') continue;
    const path = key.split('.');
    const last = path.pop() ?? '';
    const owner = (path.length > 0 ? at(policy, path.join('.')) : policy) as Record<string, number | boolean>;
    owner[last] = spec.choice ? typed === 'true' : Number(typed);
  }
  return { ...policy, strategy: strategyOf(values) };
}

export const isOwn = (policies: DispatchPolicies, kind: string): boolean => kind === GENERAL || Object.hasOwn(policies.by_kind, kind);
export function policyFor(policies: DispatchPolicies, kind: string): DispatchPolicy {
  const own = kind !== GENERAL && isOwn(policies, kind) ? policies.by_kind[kind] : undefined;
  return own ?? policies.general;
}

export function withPolicy(policies: DispatchPolicies, kind: string, policy: DispatchPolicy): DispatchPolicies {
  if (kind === GENERAL) return { ...policies, general: policy };
  return { ...policies, by_kind: { ...policies.by_kind, [kind]: policy } };
}

/** As if the kind had never had one: it follows the general policy. */
export function withoutPolicy(policies: DispatchPolicies, kind: string): DispatchPolicies {
  return { ...policies, by_kind: Object.fromEntries(Object.entries(policies.by_kind).filter(([name]) => name !== kind)) };
}

/** How the server names the fields of this kind's policy. */
export const prefixOf = (kind: string): string => (kind === GENERAL ? 'general' : `by_kind.${kind}`);

/** The fields that the form can show a fault at, as the server names them. */
export const faultFields = (kind: string): string[] => ['strategy', ...FIELDS.map((field) => field.key)].map((key) => `${prefixOf(kind)}.${key}`);
