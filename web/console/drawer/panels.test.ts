import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Candidate, Dossier, Excluded, Recommendation, Term, TicketStatus } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { engineer, ticket } from '../../test/samples';
import { page, serve } from '../../test/window';
import { catalogue } from '../catalogue.svelte';
import { live } from '../live.svelte';
import AssignPanel from './AssignPanel.svelte';
import DetailsPanel from './DetailsPanel.svelte';
import Drawer from './Drawer.svelte';
import ExcludedList from './ExcludedList.svelte';
import RankedList from './RankedList.svelte';
import TermBar from './TermBar.svelte';
import WhatIfs from './WhatIfs.svelte';

const HOUR = 3_600_000;
const terms = (...minutes: [Term, number][]) => minutes.map(([term, value]) => ({ term, minutes: value }));
const candidate = (id: string, score: number, more: Partial<Candidate> = {}): Candidate =>
  ({ engineer_id: id, code: id.toUpperCase(), name: `Name ${id}`, distance_m: 1_240, score_minutes: score, terms: terms(['travel', score]), ...more });
const dossier = (ranked: Candidate[], more: Partial<Dossier> = {}): Recommendation & Pick<Dossier, 'travel'> =>
  ({ ranked, excluded: [], excluded_counts: [], beyond_shortlist: 0, policy_version: 1, ...more });
const ranked = (got: ReturnType<typeof dossier>, has: string | null = null) =>
  draw(RankedList, { ticket: ticket({ engineer_id: has }), got, ontake: () => undefined });

beforeEach(() => {
  clock.set(0, 0);
  live.tickets.clear();
  live.engineers.clear();
});
afterEach(() => locale.set('en'));

describe('the ranked list', () => {
  it('stands in the order of the engine, with the keys that assign', () => {
    const drawn = ranked(dossier([candidate('e1', 12), candidate('e2', 30)]));
    expect(drawn.text.indexOf('Name e1')).toBeLessThan(drawn.text.indexOf('Name e2'));
    expect(drawn.html.match(/<kbd[^>]*>(\d|·)<\/kbd>/g)?.map((key) => key.replace(/<[^>]+>/g, ''))).toEqual(['1', '2']);
    expect(drawn.text).toContain('1.2 km');
  });

  it('opens the proposal with its terms, and says that they are the score', () => {
    const drawn = ranked(dossier([candidate('e1', 12, { terms: terms(['travel', 14.2], ['speed', -2.2]) }), candidate('e2', 30)]));
    expect(drawn.text).toMatch(/Travel \+14\.2 .*Past speed on like faults −2\.2 .*Score 12 min/);
    expect(drawn.tags('table')).toHaveLength(1);
  });

  it('says which part would raise the chance most, and from where it is fetched', async () => {
    serve({ 'GET /api/v1/parts': page([{ id: 'p', name: 'Roller kit', name_zh: '滑轮组件' }]), 'GET /api/v1/stock-locations': page([{ id: 'd', name: 'Depot East', kind: 'depot' }]), 'GET /api/v1/skills': page([]) });
    catalogue.reload();
    await vi.waitFor(() => expect([catalogue.part('p'), catalogue.place('d')]).not.toContain(undefined));
    const raise = (from: string[]) => ({ part_id: 'p', gain: 0.18, delay_seconds: 360, from: from.map((location_id) => ({ part_id: 'p', location_id, quantity: 1 })) });
    const says = (from: string[]) => ranked(dossier([candidate('e1', 12, { first_visit: { probability: 0.6, is_certified: true, parts: 0.7, record: 0.9, raise: raise(from) } })])).text;
    expect(says(['d', 'd'])).toContain('+18 points with Roller kit from Depot East, +6 min');
    expect(says(['unknown'])).toContain('+18 points with Roller kit, +6 min');
    locale.set('zh-CN');
    expect(says(['d'])).toContain('到Depot East加带滑轮组件');
  });

  it('makes only the proposal loud, and nothing once somebody has the ticket', () => {
    const got = dossier([candidate('e1', 12), candidate('e2', 30)]);
    const loud = (has: string | null) => ranked(got, has).tags('button').filter((tag) => /primary/.test(tag)).length;
    expect([loud(null), loud('e2')]).toEqual([1, 0]);
  });

  it('shows who has it instead of a button to assign him', () => {
    const drawn = ranked(dossier([candidate('e1', 12), candidate('e2', 30)]), 'e1');
    expect(drawn.text).toContain('Has it');
    expect(drawn.html).not.toContain('Assign to Name e1');
    expect(drawn.html).toContain('Assign to Name e2');
  });

  it('asks what would put somebody first of everybody but the first', () => {
    const got = dossier([candidate('e1', 12)]);
    expect(ranked(got).text).not.toContain('What would have to change?');
  });

  it('shows twelve and says how many there are', () => {
    const many = Array.from({ length: 15 }, (_, i) => candidate(`e${i}`, i));
    const drawn = ranked(dossier(many, { beyond_shortlist: 1_204 }));
    expect(drawn.tags('li')).toHaveLength(12);
    expect(drawn.text).toContain('Show all 15');
    expect(drawn.text).toContain('1,204 more could take it');
    expect(ranked(dossier(many.slice(0, 12))).text).not.toContain('Show all');
  });

  it('says of each from when to when he could begin, and of the open one how sure that is', () => {
    const noon = new Date(2026, 10, 23, 12).getTime();
    clock.set(noon, 0);
    const begins = { starts_at: noon + HOUR / 2, starts_from: noon + HOUR / 4, starts_until: noon + HOUR };
    const drawn = ranked(dossier([candidate('e1', 12, begins), candidate('e2', 30, { starts_at: noon }), candidate('e3', 40)]));
    expect(drawn.text).toMatch(/E1 · 1\.2 km · begins 12:15–13:00 .*Could begin 12:30 four of five times 12:15–13:00 .*E2 · 1\.2 km · begins 12:00 .*E3 · 1\.2 km 40/);
  });

  it('says by which travel times and which policy it was made', () => {
    const travel = { times: 'straight_line', why: 'no_engine', calibrated: true, asked: 3, by_road: 0 } as const;
    expect(ranked(dossier([candidate('e1', 12)], { travel, policy_version: 7 })).text).toContain('Travel times: straight lines; corrected by finished journeys; no road engine is set up · Policy version 7');
    expect(ranked(dossier([candidate('e1', 12)])).text).not.toContain('Travel times');
  });

  it('warns that a road engine is down', () => {
    const drawn = (why: 'engine_down' | 'no_engine') => ranked(dossier([candidate('e1', 12)], { travel: { times: 'straight_line', why, calibrated: false, asked: 3, by_road: 0 } })).html;
    expect(drawn('engine_down')).toMatch(/class="[^"]*late[^"]*"[^>]*><svg/);
    expect(drawn('no_engine')).not.toMatch(/class="[^"]*late/);
  });

  it('cuts off the bar of somebody hours late, so that the others’ can be told apart', () => {
    const drawn = ranked(dossier([candidate('e1', 10), candidate('e2', 20), candidate('e3', 4_000)]));
    const widths = [...drawn.html.matchAll(/width: ([\d.]+)%/g)].map((found) => Number(found[1]));
    expect(widths.slice(0, 2)).toEqual([12.5, 25]);
    expect(widths[2]).toBeGreaterThan(100);
  });
});

describe('the bar of a score', () => {
  it('says its terms to who cannot see it, also those that lower the score', () => {
    const drawn = draw(TermBar, { terms: terms(['travel', 8], ['continuity', -3]), longest: 16 });
    expect(drawn.attribute('div', 'aria-label')).toBe('Travel +8, Knows customer or asset −3');
    expect(drawn.tags('i')).toHaveLength(1);
    expect(drawn.html).toContain('width: 50%');
  });
});

describe('the excluded', () => {
  const out = (id: string, rule: Excluded['rule'], fact: object): Excluded =>
    ({ engineer_id: id, code: id.toUpperCase(), name: `Name ${id}`, distance_m: 800, rule, fact } as unknown as Excluded);
  const got = dossier([], {
    excluded: [out('a', 'certificate_level', { skill: 'LIFT', required_level: 3, held_level: 1 }), out('b', 'off_shift', { next_shift_at: null })],
    excluded_counts: [{ rule: 'certificate_level', count: 1 }, { rule: 'off_shift', count: 41 }],
  });
  const drawn = () => draw(ExcludedList, { ticketId: 't1', got, onoverride: () => undefined });

  it('stand under their rule, with what one does about it and their fact', () => {
    const { text } = drawn();
    expect(text).toMatch(/^Excluded 42 Certificate level too low 1 Enter a higher level .* Name a A · 800 m .*LIFT/);
    expect(text).toMatch(/Off shift 41 Give a shift.* Name b/);
  });

  it('that are too far away to be listed are counted', () => {
    expect(drawn().text).toContain('40 more, farther away');
  });

  it('can each be assigned all the same, and asked about', () => {
    const { html } = drawn();
    for (const name of ['Name a', 'Name b']) {
      expect(html).toContain(`aria-label="Override and assign to ${name}"`);
      expect(html).toContain(`aria-label="What would have to change for ${name}"`);
    }
  });

  it.each<[Excluded['rule'], boolean]>([['off_shift', true], ['skill_missing', true], ['excluded_by_customer', true], ['inactive', false], ['workload', false]])(
    'by %s: whether one may assign him all the same is %s', (rule, may) => {
      const alone = dossier([], { excluded: [out('a', rule, {})], excluded_counts: [{ rule, count: 1 }] });
      expect(draw(ExcludedList, { ticketId: 't1', got: alone, onoverride: () => undefined }).html.includes('Override and assign')).toBe(may);
    },
  );

  it('are said in Chinese', () => {
    locale.set('zh-CN');
    expect(drawn().text).toMatch(/已排除 42 证书等级不足 1 录入更高等级的证书/);
  });
});

describe('what would have to change', () => {
  it('is closed, tied to what it opens, and has asked nothing yet', () => {
    const drawn = draw(WhatIfs, { ticketId: 't1', none: 'No single change.' });
    expect(drawn.attribute('button', 'aria-expanded')).toBe('false');
    expect(drawn.html).toContain(`id="${drawn.attribute('button', 'aria-controls')}"`);
    expect(drawn.text).toBe('What would have to change?');
  });
});

describe('the assignment of a ticket that cannot be assigned now', () => {
  it.each<TicketStatus>(['working', 'completed', 'closed', 'cancelled'])('%s: says so and offers nobody', (status) => {
    const drawn = draw(AssignPanel, { ticket: ticket({ status }) });
    expect(drawn.text).toContain('Nobody to choose now');
    expect(drawn.tags('button')).toEqual([]);
  });

  it.each<TicketStatus>(['new', 'assigned', 'accepted'])('%s: it can be, and the list is on its way', (status) => {
    expect(draw(AssignPanel, { ticket: ticket({ status }) }).text).toBe('Loading…');
  });
});

describe('the drawer', () => {
  const drawer = (more: Parameters<typeof ticket>[0] = {}) => {
    live.tickets.set('t1', ticket({ due_at: 5 * HOUR, ...more }));
    return draw(Drawer, { id: 't1' });
  };

  it('of a ticket that is not there says that it is loading, and can be closed', () => {
    const drawn = draw(Drawer, { id: 'gone' });
    expect(drawn.text).toBe('Loading… Close');
  });

  it('says what it is, how it stands and who has it', () => {
    live.engineers.set('e1', engineer({ name: 'Maria Lopez' }));
    const { text } = drawer({ status: 'assigned', engineer_id: 'e1' });
    expect(text).toMatch(/#1042 Assigned Repair .*1P100: Car stuck .*1 Main St .*High .*5h left .*Maria Lopez/);
  });

  it('says the symptom once: not below a title that has it', () => {
    expect(drawer().text.match(/Car stuck/g)).toHaveLength(1);
    expect(drawer({ symptom: 'Noise from the shaft' }).text).toContain('Noise from the shaft');
  });

  it('warns that nobody assigns it by itself, while that matters', () => {
    expect(drawer({ auto_dispatch: false }).text).toMatch(/Automatic dispatch is off.* Switch on/);
    expect(drawer({ auto_dispatch: true }).text).not.toContain('Automatic dispatch is off');
    expect(drawer({ auto_dispatch: false, status: 'assigned', engineer_id: 'e1' }).text).not.toContain('Automatic dispatch is off');
  });

  it.each<[TicketStatus, string[]]>([
    ['new', ['Cancel ticket']], ['assigned', ['Unassign', 'Cancel ticket']], ['working', ['Cancel ticket']], ['completed', ['Close', 'Reopen']], ['closed', ['Reopen']],
  ])('of a %s ticket offers what the office may do', (status, acts) => {
    const who = /class="row who[^"]*"[\s\S]*?<\/header>/.exec(drawer({ status }).html)?.[0] ?? '';
    const offered = [...who.matchAll(/<button[^>]*>([^<]+)<\/button>/g)].map((found) => found[1]);
    expect(offered).toHaveLength(acts.length);
  });

  it('does not offer to edit what has ended: that is a record', () => {
    expect([drawer({ status: 'closed' }).text.includes('Edit'), drawer({ status: 'working' }).text.includes('Edit')]).toEqual([false, true]);
  });
});

describe('the details', () => {
  const details = (more: Parameters<typeof ticket>[0] = {}) => draw(DetailsPanel, { ticket: ticket({ earliest_at: 0, ...more }) }).text;

  it('say the window from its beginning to its end, or that it has none', () => {
    clock.set(0, 0);
    expect(details({ earliest_at: 2 * HOUR, latest_at: null })).toMatch(/Time window .* – open/);
    expect(details({ earliest_at: 2 * HOUR, latest_at: 4 * HOUR })).not.toContain('– open');
    expect(details()).toContain('Any time');
  });

  it('say what the work needs, by code as long as the names are not there', () => {
    expect(details({ required_skills: [{ skill: 'LIFT-A', level: 2 }] })).toContain('LIFT-A L2');
    expect(details()).toMatch(/Skills None/);
  });

  it('have the ticket’s own access note, and the description whole', () => {
    expect(details({ access_note: 'Ring at 4B', description: 'Two people\nwere let out' })).toMatch(/Two people were let out.*Access note Ring at 4B/);
  });

  it('offer to reserve a part until the work is done', () => {
    expect(details({ status: 'working' })).toContain('Reserve a part');
    for (const status of ['completed', 'closed', 'cancelled'] as const) expect(details({ status })).not.toContain('Reserve a part');
  });
});
