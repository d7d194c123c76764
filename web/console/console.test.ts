import { describe, expect, it } from 'vitest';
import type { Ticket } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { priorityLabel, ruleLabel, statusLabel, termLabel } from '$shared/i18n/labels';
import { factText } from './drawer/facts';
import { assignable, needsReason, officeActs } from './drawer/legal';
import { emptyDraft, toNewTicket } from './forms/draft';
import { assetLine } from './forms/asset-search';

const RULES = ['inactive', 'skill_missing', 'certificate_level', 'certificate_expired', 'certificate_not_yet_valid', 'off_shift', 'absent', 'workload', 'excluded_by_customer', 'too_far', 'window_missed', 'route_full', 'first_visit_unlikely'];

describe('labels', () => {
  it.each(['en', 'zh-CN'] as const)('have words for every rule, term, state and priority in %s', (language) => {
    locale.set(language);
    for (const rule of RULES) expect(ruleLabel(rule)).not.toBe(rule);
    for (const term of ['travel', 'wait', 'lateness', 'overtime', 'load', 'parts', 'speed', 'skill_margin', 'lateness_behind', 'continuity', 'first_visit']) expect(termLabel(term)).not.toBe(term);
    for (const state of ['new', 'assigned', 'accepted', 'travelling', 'on_site', 'working', 'waiting', 'completed', 'closed', 'cancelled']) expect(statusLabel(state)).not.toBe(state);
    for (const p of [1, 2, 3, 4]) expect(priorityLabel(p)).not.toBe(String(p));
    locale.set('en');
  });

  it('show a code that they do not know as it is', () => {
    expect([ruleLabel('moon_phase'), termLabel('luck'), statusLabel('dreaming'), ruleLabel(null)]).toEqual(['moon_phase', 'luck', 'dreaming', '']);
  });
});

describe('facts', () => {
  const skill = (code: string) => (code === 'door' ? 'Door drive' : code);
  it.each([
    ['certificate_level', { skill: 'door', held_level: 1, required_level: 2 }, 'Door drive: needs level 2, has 1'],
    ['skill_missing', { skills: ['door', 'x'] }, 'Door drive, x'],
    ['inactive', { rule: 'inactive' }, ''],
    ['off_shift', { next_shift_at: null, in_hand_minutes: 0 }, 'no further shift'],
    ['workload', { in_hand_minutes: 470, expected_minutes: 45, max_minutes: 480 }, '7h 50m in hand, 45m more, limit 8h'],
    ['certificate_expired', null, ''],
    ['moon_phase', { rule: 'moon_phase', phase: 'full', at: 3 }, 'full, 3'],
    ['moon_phase', 'full', 'full'],
  ])('of %s read %j as "%s"', (rule, fact, text) => {
    expect(factText({ rule, fact } as never, skill)).toBe(text);
  });

  it('name distances and dates', () => {
    expect(factText({ rule: 'too_far', fact: { distance_m: 61_260, max_distance_m: 60_000 } } as never, skill)).toContain('61.3');
    expect(factText({ rule: 'certificate_expired', fact: { skill: 'door', valid_until: new Date(2026, 2, 1).getTime() } } as never, skill)).toContain('2026');
  });

  it('have words for every rule, also without their values', () => {
    for (const rule of RULES) expect(() => factText({ rule, fact: { rule } } as never, skill)).not.toThrow();
  });
});

describe('what the office may do', () => {
  it('is closing only what is completed', () => {
    const states: Ticket['status'][] = ['new', 'assigned', 'accepted', 'travelling', 'on_site', 'working', 'waiting', 'completed', 'closed', 'cancelled'];
    expect(states.filter((status) => officeActs(status).includes('close'))).toEqual(['completed']);
    expect(states.filter(assignable)).toEqual(['new', 'assigned', 'accepted']);
  });

  it('needs a reason for all but closing', () => {
    expect((['close', 'reopen', 'cancel', 'unassign'] as const).map(needsReason)).toEqual([false, true, true, true]);
  });
});

describe('a new ticket', () => {
  const found = { asset: { id: 'a1' } as never, site: null };
  it('leaves out what was left empty', () => {
    expect(toNewTicket({ ...emptyDraft(), title: ' Stuck ' }, found, () => null)).toEqual({ kind: 'repair', priority: 2, title: 'Stuck', asset_id: 'a1', dispatch: 'auto' });
  });

  it('sends parts in their scaled quantity and drops skills that were not chosen', () => {
    const draft = { ...emptyDraft(), title: 'x', skills: [{ skill: '', level: 1 }, { skill: 'door', level: 2 }], parts: [{ part_id: 'p', name: 'Oil', quantity: '1.5' }], auto: false };
    const body = toNewTicket(draft, null, (_, typed) => Number(typed) * 10);
    expect(body).toMatchObject({ required_skills: [{ skill: 'door', level: 2 }], needed_parts: [{ part_id: 'p', quantity: 15 }], dispatch: 'manual' });
  });

  it('shows the place of a device once when name and address are the same', () => {
    expect(assetLine({ asset: {} as never, site: { name: '1 Main St', address: '1 Main St' } as never })).toBe('1 Main St');
    expect(assetLine({ asset: {} as never, site: null })).toBe('');
  });
});
