import '../../test/globals';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { DispatchPolicies, DispatchPolicy, Strategy } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { DEFAULTS, groups } from './fields';
import { faultFields, GENERAL, isOwn, keysOf, policyFor, policyOf, prefixOf, valuesOf, withoutPolicy, withPolicy } from './policy-values';
import { offered, strategyHelp, strategyName, strategyText } from './strategies';

const openapi = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as { components: { schemas: Record<string, never> } };
const policies = (by_kind: Record<string, DispatchPolicy> = {}): DispatchPolicies => ({ general: DEFAULTS, by_kind });
const own: DispatchPolicy = { ...DEFAULTS, load_weight: 0.5, wait_weights: [4, 3, 2, 1], straight_line: { road_factor: 1.5, speed_kmh: 22 } };
afterEach(() => locale.set('en'));

describe('the fields of a policy', () => {
  it('are those of the server, with its defaults', () => {
    const schemas = openapi.components.schemas as unknown as Record<string, { properties: Record<string, { default: DispatchPolicy }> }>;
    expect(DEFAULTS).toEqual(schemas['Policies']?.properties['general']?.default);
  });

  it('are all in the form, each once', () => {
    const keys = groups.flatMap((group) => group.fields.map((field) => field.key));
    const numbers = Object.entries(DEFAULTS).flatMap(([key]) => (key === 'straight_line' ? Object.keys(DEFAULTS.straight_line).map((name) => `${key}.${name}`) : [key]));
    expect([...keys].sort()).toEqual([...numbers.filter((key) => key !== 'version' && key !== 'strategy'), 'max_detour_minutes', 'meeting_minutes'].sort());
  });

  it('are explained in both languages, each with a unit', () => {
    const words = () => groups.flatMap((group) => [group.title(), group.help(), ...group.fields.flatMap((field) => [field.label(), field.help(), ...(field.choice ? [] : [field.unit()])])]);
    const en = words();
    locale.set('zh-CN');
    const zh = words();
    expect(en.every(Boolean)).toBe(true);
    expect(zh.filter((word, i) => word === en[i] && !['×', 'km/h'].includes(word))).toEqual([]);
  });
});

describe('a policy in a form', () => {
  it.each<[string, DispatchPolicy]>([
    ['the default', DEFAULTS], ['one of its own', own],
    ['up to a priority', { ...own, strategy: { kind: 'senior_first', up_to_priority: 3 } }], ['from a level', { ...own, strategy: { kind: 'customer_level', from_level: 5 } }],
  ])('%s comes back as it went in', (_, policy) => {
    expect(policyOf(valuesOf(policy))).toEqual(policy);
  });

  it('is text: what somebody typed reaches the server as a number', () => {
    const changed = policyOf({ ...valuesOf(DEFAULTS), max_distance_m: '15000', 'wait_weights.2': '0.05', 'straight_line.speed_kmh': '24.5' });
    expect([changed.max_distance_m, changed.wait_weights, changed.straight_line]).toEqual([15_000, [1, 0.7, 0.05, 0.2], { road_factor: 1.3, speed_kmh: 24.5 }]);
  });

  it('leaves the defaults alone', () => {
    policyOf({ ...valuesOf(DEFAULTS), 'wait_weights.0': '9', 'straight_line.road_factor': '2' });
    expect([DEFAULTS.wait_weights[0], DEFAULTS.straight_line.road_factor]).toEqual([1, 1.3]);
  });

  it('of an older server has its missing numbers at their defaults', () => {
    const { speed_prior: _, ...older } = DEFAULTS;
    expect(valuesOf(older as DispatchPolicy)['speed_prior']).toBe('5');
  });

  it('leaves out a limit that is empty, and sends a yes as a yes', () => {
    expect(valuesOf(DEFAULTS)).toMatchObject({ max_detour_minutes: '', meeting_minutes: '', substitutes: 'false' });
    const typed = policyOf({ ...valuesOf(DEFAULTS), max_detour_minutes: '25', substitutes: 'true' });
    expect([typed.max_detour_minutes, 'meeting_minutes' in typed, typed.substitutes]).toEqual([25, false, true]);
    expect(policyOf({ ...valuesOf(typed), max_detour_minutes: ' ' })).toEqual({ ...DEFAULTS, substitutes: true });
  });

  it('sends a parameter only with the strategy that has it', () => {
    const typed = { ...valuesOf(DEFAULTS), up_to_priority: '2', from_level: '7' };
    expect(policyOf(typed).strategy).toEqual({ kind: 'smart' });
    expect(policyOf({ ...typed, strategy: 'senior_first' }).strategy).toEqual({ kind: 'senior_first', up_to_priority: 2 });
    expect(policyOf({ ...typed, strategy: 'customer_level' }).strategy).toEqual({ kind: 'customer_level', from_level: 7 });
  });
});

describe('the set of policies', () => {
  it('has the general one for a kind without its own', () => {
    expect(policyFor(policies({ repair: own }), 'repair')).toBe(own);
    expect(policyFor(policies({ repair: own }), 'inspection')).toBe(DEFAULTS);
    expect([isOwn(policies({ repair: own }), 'repair'), isOwn(policies(), 'repair'), isOwn(policies(), GENERAL)]).toEqual([true, false, true]);
  });

  it('is not misled by a kind that is called like a part of the language', () => {
    expect(isOwn(policies(), 'constructor')).toBe(false);
    expect(policyFor(policies(), 'toString')).toBe(DEFAULTS);
  });

  it('changes in one place only', () => {
    const set = policies({ repair: own });
    expect(withPolicy(set, 'inspection', own)).toEqual({ general: DEFAULTS, by_kind: { repair: own, inspection: own } });
    expect(withPolicy(set, GENERAL, own)).toEqual({ general: own, by_kind: { repair: own } });
    expect(withoutPolicy(set, 'repair')).toEqual(policies());
    expect(set).toEqual(policies({ repair: own }));
  });

  it('names its fields as the server does in a fault', () => {
    expect([prefixOf(GENERAL), prefixOf('repair')]).toEqual(['general', 'by_kind.repair']);
    expect(faultFields('repair')).toEqual(expect.arrayContaining(['by_kind.repair.strategy', 'by_kind.repair.straight_line.road_factor', 'by_kind.repair.wait_weights']));
  });

  it('has four numbers where the priority counts', () => {
    expect(groups.flatMap((group) => group.fields).filter((field) => keysOf(field).length === 4).map((field) => field.key)).toEqual(['wait_weights', 'lateness_weights']);
  });
});

describe('a strategy', () => {
  const kinds: Strategy['kind'][] = ['smart', 'nearest', 'round_robin', 'least_load', 'skill_group', 'territory', 'senior_first', 'customer_level', 'claim'];

  it.each(kinds)('%s has a name and a sentence in both languages', (kind) => {
    const en = [strategyName(kind), strategyHelp(kind)];
    locale.set('zh-CN');
    const zh = [strategyName(kind), strategyHelp(kind)];
    expect(zh.every((word, i) => /[\u4e00-\u9fff]/.test(word) && word !== en[i])).toBe(true);
  });

  it('that would change nothing here is offered only where it is in force', () => {
    expect(offered('smart')).toEqual(kinds.filter((kind) => kind !== 'skill_group' && kind !== 'territory'));
    expect(offered('territory')).toContain('territory');
    expect(offered('territory')).not.toContain('skill_group');
  });

  it('is told with its parameter', () => {
    expect(strategyText({ kind: 'senior_first', up_to_priority: 2 })).toBe('Senior first (High)');
    expect(strategyText({ kind: 'customer_level', from_level: 3 })).toBe('Customer level (3)');
    locale.set('zh-CN');
    expect(strategyText({ kind: 'senior_first', up_to_priority: 1 })).toBe('资深优先（紧急）');
  });

  it('that only a newer server knows keeps its name', () => {
    expect([strategyName('cheapest'), strategyHelp('cheapest')]).toEqual(['cheapest', '']);
  });
});
