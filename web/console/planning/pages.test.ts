import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DispatchPolicy, PolicySet, Role, Round } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { session } from '$shared/session.svelte';
import { draw } from '../../test/render';
import { engineer, ticket } from '../../test/samples';
import { Refused, serve } from '../../test/window';
import { live } from '../live.svelte';
import { router } from '../router.svelte';
import { DEFAULTS, groups, type NumberSpec } from './fields';
import NumberField from './NumberField.svelte';
import { plan } from './plan.svelte';
import Plan from './Plan.svelte';
import PlanLine from './PlanLine.svelte';
import PlanningScreen from './PlanningScreen.svelte';
import PolicyDetail from './PolicyDetail.svelte';
import { GENERAL, valuesOf } from './policy-values';
import PriorityFields from './PriorityFields.svelte';
import RoundCard from './RoundCard.svelte';
import StrategyPicker from './StrategyPicker.svelte';

const NOON = new Date(2026, 10, 23, 12).getTime();
const field = (key: string) => groups.flatMap((group) => group.fields).find((one) => one.key === key) as NumberSpec;
const set = (by_kind: Record<string, DispatchPolicy> = {}): PolicySet => ({ id: 'policies', version: 4, body: { general: DEFAULTS, by_kind } });
const detail = (kind: string, may: boolean, by_kind: Record<string, DispatchPolicy> = {}) =>
  draw(PolicyDetail, { seen: { row: set(by_kind), tag: '"9"' }, kind, may, onchange: () => Promise.resolve() });
const round = (over: Partial<Round> = {}): Round =>
  ({ at: NOON, outcome: 'published', tickets: 41, engineers: 15, left_out: 0, cost_in_force: 6_000, cost: 3_540, moved: 2, given_out: 0, retimed: 0, ...over });
const card = (over: Partial<Round> = {}) => draw(RoundCard, { round: round(over) });

beforeEach(() => {
  clock.set(NOON, 1);
  serve({});
});
afterEach(() => locale.set('en'));

describe('a number of a policy', () => {
  const number = (more: object = {}, key = 'max_wait_minutes') => draw(NumberField, { spec: field(key), values: valuesOf(DEFAULTS), fault: undefined, theirs: () => undefined, ...more });

  it('has its unit and the default beside it, and says what it means', () => {
    expect(number().text).toBe('Longest wait min Default 720 A visit without a time window must begin within this time after it could.');
    expect(number().attribute('input', 'value')).toBe('720');
  });

  it('tells its unit and its meaning to who cannot see them', () => {
    const drawn = number();
    for (const id of drawn.attribute('input', 'aria-describedby')?.split(' ') ?? []) expect(drawn.html).toContain(`id="${id}"`);
    expect(drawn.attribute('input', 'aria-describedby')?.split(' ')).toHaveLength(2);
  });

  it('takes whole numbers only where the server does', () => {
    expect([number().attribute('input', 'step'), number({}, 'travel_weight').attribute('input', 'step')]).toEqual(['1', 'any']);
  });

  it('leaves bounds to the server, and shows what it says', () => {
    expect(number({}, 'travel_weight').attribute('input', 'max')).toBeNull();
    const refused = number({ fault: 'Between 0 and 44640.' });
    expect(refused.text).toBe('Longest wait min Default 720 Between 0 and 44640.');
    expect(refused.attribute('input', 'aria-invalid')).toBe('true');
  });

  it('shows what it is now where somebody else changed it too', () => {
    expect(number({ theirs: (key: string) => (key === 'max_wait_minutes' ? '600' : undefined) }).text).toContain('Now: 600');
  });
});

describe('a weight by priority', () => {
  const weights = (more: object = {}) => draw(PriorityFields, { spec: field('lateness_weights'), values: valuesOf(DEFAULTS), fault: undefined, theirs: () => undefined, ...more });

  it('has four numbers, each with the priority and its default', () => {
    expect(weights().text).toBe('Late Each minute past the due time, by the ticket’s priority. Urgent Default 8 High Default 4 Medium Default 2 Low Default 1');
    expect(weights().tags('input').map((tag) => /value="([^"]+)"/.exec(tag)?.[1])).toEqual(['8', '4', '2', '1']);
  });

  it('is one group with one fault, since the server names all four by one field', () => {
    const drawn = weights({ fault: 'Between 0 and 1000.' });
    expect(drawn.html.match(/class="fault[^"]*"/g)).toHaveLength(1);
    expect(drawn.html).toContain(`id="${/role="group"[^>]*aria-describedby="([^"]+)"/.exec(drawn.html)?.[1]}"`);
    expect(drawn.tags('input').every((tag) => tag.includes('aria-invalid="true"'))).toBe(true);
  });
});

describe('the choice of a strategy', () => {
  const picker = (values: object, more: object = {}) => draw(StrategyPicker, { values: { ...valuesOf(DEFAULTS), ...values }, ...more });

  it('has every strategy with its sentence, and the one in force chosen', () => {
    const drawn = picker({ strategy: 'nearest' });
    expect(drawn.tags('input').filter((tag) => tag.includes('radio'))).toHaveLength(7);
    expect(drawn.tags('input').filter((tag) => tag.includes('checked'))).toHaveLength(1);
    expect(drawn.text).toContain('Nearest Whoever has the shortest straight line to the site first.');
  });

  it('asks from where on only where that is part of it', () => {
    expect(picker({}).tags('select')).toEqual([]);
    expect(picker({ strategy: 'senior_first', up_to_priority: '3' }).html).toMatch(/<option value="3" selected[^>]*>Medium/);
    expect(picker({ strategy: 'customer_level', from_level: '5' }).html).toMatch(/type="number"[^>]*value="5"/);
  });

  it('says what somebody else has chosen meanwhile, and what the server refuses', () => {
    expect(picker({}, { theirs: 'claim' }).text).toContain('Now: Offered to all');
    expect(picker({}, { fault: 'Not known here.' }).text).toContain('Not known here.');
  });
});

describe('the policy of a kind', () => {
  const disabled = (drawn: ReturnType<typeof draw>) => drawn.tags('fieldset').map((tag) => tag.includes('disabled'));

  it('that follows the general one shows that, and can get its own', () => {
    const drawn = detail('repair', true);
    expect(drawn.text).toMatch(/^Repair Tickets of this kind are given out by the general policy: Smart\. Give it a policy of its own Strategy/);
    expect([disabled(drawn), drawn.text.includes('Save')]).toEqual([[true], false]);
  });

  it('of its own can be changed and given up', () => {
    const drawn = detail('repair', true, { repair: { ...DEFAULTS, load_weight: 0.5 } });
    expect(drawn.text).toMatch(/^Repair Tickets of this kind are given out by these numbers alone\. Follow the general policy Strategy/);
    expect([disabled(drawn), drawn.text.includes('Save'), drawn.html.includes('value="0.5"')]).toEqual([[false], true, true]);
  });

  it('that is the general one cannot be given up', () => {
    const drawn = detail(GENERAL, true);
    expect(drawn.text).toMatch(/^General policy For every kind of ticket without a policy of its own\. Strategy/);
    expect(drawn.text).not.toContain('Follow the general policy');
  });

  it('is shown to a dispatcher, who can change nothing', () => {
    for (const kind of [GENERAL, 'repair', 'inspection']) {
      const drawn = detail(kind, false, { repair: DEFAULTS });
      expect([disabled(drawn), drawn.tags('button')]).toEqual([[true], []]);
      expect(drawn.text).toContain('Only administrators change policies.');
    }
  });

  it('cannot be saved before something has changed', () => {
    const save = detail(GENERAL, true).html.match(/<button[^>]*class="btn primary[^>]*>/)?.[0];
    expect(save).toContain('disabled');
  });

  it('is in Chinese for who reads Chinese', () => {
    locale.set('zh-CN');
    const { text } = detail('repair', false, { repair: DEFAULTS });
    expect(text).toMatch(/^报修 此类工单只按以下设置派单。 只有管理员可以修改策略。 派单方式/);
    expect(text.replace(/km\/h/g, '')).not.toMatch(/[a-z]{3}/i);
  });
});

describe('the last round', () => {
  it('says what it changed, what that is worth, and by which travel times', () => {
    const travel = { times: 'straight_line', why: 'no_engine', calibrated: true, asked: 0, by_road: 0 } as const;
    expect(card({ travel }).text).toMatch(/Published The better plan is in force.* Changed moved to somebody else: 2 Gain 41 min less than before Looked at Tickets: 41, engineers: 15 Travel times straight lines; corrected by finished journeys; no road engine is set up Cost of the day As it was 100 min The plan 59 min/);
  });

  it('names tickets that nobody can do today, and a gain that cannot be told', () => {
    const drawn = card({ left_out: 3, cost_in_force: null });
    expect(drawn.text).toMatch(/Gain cannot be told: .* Left out Tickets that nobody can do today: 3/);
    expect(drawn.tags('figure')).toEqual([]);
    expect(card().text).not.toContain('Left out');
  });

  it('has no figures where no plan was made', () => {
    const drawn = card({ outcome: 'nothing_to_do' });
    expect(drawn.text).toMatch(/Nothing to plan Nothing is open, or nobody is on duty\.$/);
  });

  it('warns when no other has come for long', () => {
    expect(card({ at: NOON - 5 * 60_000 }).text).toContain('No round for 5m: the planner may have stopped.');
    expect(card().tags('p').some((tag) => tag.includes('alert'))).toBe(false);
  });

  it('marks a road engine that does not answer', () => {
    const dd = (why: 'engine_down' | 'no_engine') => card({ travel: { times: 'straight_line', why, calibrated: false, asked: 1, by_road: 0 } }).tags('dd').at(-1);
    expect([dd('engine_down')?.includes('late'), dd('no_engine')?.includes('late')]).toEqual([true, false]);
  });
});

describe('the page of the plan', () => {
  it('is on its way, then says that there is none, then failed, then shows what there is', async () => {
    expect(draw(Plan, {}).text).toBe('Loading…');
    serve({ 'GET /api/v1/dispatch/plan': () => null });
    await plan.look();
    expect(draw(Plan, {}).text).toMatch(/^No round yet The planner is switched off/);
    expect(draw(PlanLine, {}).text).toBe('');
    serve({ 'GET /api/v1/dispatch/plan': new Refused(503) });
    await plan.look();
    expect(draw(Plan, {}).text).toMatch(/^This could not be loaded\. Try again$/);
    serve({ 'GET /api/v1/dispatch/plan': round() });
    await plan.look();
    live.tickets.set('t1', ticket());
    live.engineers.set('e1', engineer());
    const { text } = draw(Plan, {});
    expect(text).toMatch(/^Last round .* What it gave out or moved since .* Nothing yet since this page was opened\. Rounds 1 .*12:00 Published moved to somebody else: 2 41 min$/);
    expect(draw(PlanLine, {}).text).toBe('Plan 12:00: moved to somebody else: 2');
    expect(draw(PlanLine, {}).attribute('a', 'href')).toBe('/planning');
  });

  it('is beside the page of policies', async () => {
    const at = async (path: string, role: Role) => {
      serve({ 'GET /api/v1/meta': { now_at: NOON, speed: 1, demo_logins: [] }, 'GET /api/v1/session': { user: { id: 'u', login: 'x', display_name: 'Ada', role, engineer_id: null, locale: '' } } });
      await session.start();
      Object.assign(location, { pathname: path, search: '' });
      router.go(path);
      return draw(PlanningScreen, {});
    };
    const on = (drawn: ReturnType<typeof draw>) => drawn.html.match(/aria-current="page"[^>]*>([^<]+)/)?.[1];
    expect(on(await at('/planning', 'dispatcher'))).toBe('Plan of the day');
    expect(on(await at('/planning/policies', 'dispatcher'))).toBe('Dispatch policies');
    expect((await at('/planning/policies', 'dispatcher')).text).not.toContain('Another kind');
    expect((await at('/planning/policies', 'admin')).text).toContain('Another kind');
  });
});
