import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '$shared/api/problem';
import { Submission } from '$shared/ui/form.svelte';
import type { Contract, Customer, SlaSettings as Settings } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { slaNames } from '$shared/i18n/labels';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { page, Refused, serve } from '../../test/window';
import { blankContract, contractOf, customersOf, draftOf, same, standingOf } from './contract';
import Contracts from './Contracts.svelte';
import { Edited } from './edited.svelte';
import Entitlement from './Entitlement.svelte';
import { blankStep, draftOf as settingsDraft, faultFields, same as sameSettings, settingsOf } from './settings';
import type { Table } from './shapes';
import StepFields from './StepFields.svelte';
import { targetWords, whenWords } from './words';

const DAY = 86_400_000;
const JUNE = new Date(2026, 5, 1).getTime();
const contract = (over: Partial<Contract> = {}): Contract => ({ id: 'k1', number: 'C-7', customer_id: 'c1', site_id: null, valid_from: JUNE, valid_until: null, policy_id: 'four-levels', calendar_id: null, created_at: 0, ...over });
const customer = (id: string): Customer => ({ id, number: id, name: `Customer ${id}`, phone: '', email: '', level: '', created_at: 0 }) as Customer;

beforeEach(() => {
  clock.set(JUNE, 1);
  serve({});
});
afterEach(() => locale.set('en'));

describe('a contract', () => {
  it('comes back as it was, instants within a day too', () => {
    const row = contract({ valid_from: JUNE + 5_000, valid_until: JUNE + 40 * DAY + 7_000, site_id: 's1', calendar_id: 'china' });
    const { id: _, created_at: __, ...sent } = row;
    expect(contractOf(draftOf(row, null))).toEqual(sent);
    expect(same(draftOf(row, null), row)).toBe(true);
  });

  it('holds to the end of its last day', () => {
    const until = new Date(2026, 11, 31);
    const sent = contractOf({ ...draftOf(contract(), null), until: '2026-12-31' });
    expect(sent.valid_until).toBe(new Date(until.getFullYear(), until.getMonth(), until.getDate() + 1).getTime());
    expect(draftOf({ ...contract(), valid_until: sent.valid_until ?? null }, null).until).toBe('2026-12-31');
  });

  it('leaves out what is not said, and begins today', () => {
    const sent = contractOf({ ...blankContract(JUNE + 3_600_000, 'four-levels'), number: ' C-8 ', customer: customer('c2') });
    expect(sent).toEqual({ number: 'C-8', customer_id: 'c2', policy_id: 'four-levels', valid_from: JUNE });
  });

  it('is not yet, in force, or over, to the very instant', () => {
    const row = contract({ valid_until: JUNE + DAY });
    expect([JUNE - 1, JUNE, JUNE + DAY - 1, JUNE + DAY].map((now) => standingOf(row, now))).toEqual(['future', 'holds', 'holds', 'over']);
  });

  it('knows its customer by name, few one by one and many by the list', async () => {
    const asked = serve({ 'GET /api/v1/customers/c1': customer('c1'), 'GET /api/v1/customers': page(Array.from({ length: 60 }, (_, n) => customer(`m${n}`))) });
    expect((await customersOf([contract(), contract({ customer_id: 'gone' })])).get('c1')?.name).toBe('Customer c1');
    const many = await customersOf(Array.from({ length: 60 }, (_, n) => contract({ customer_id: `m${n}` })));
    expect([many.size, asked.filter((one) => one.path === '/api/v1/customers').length]).toEqual([60, 1]);
  });

  it('says what it is for until one is chosen', () => {
    expect(draw(Contracts, {}).text).toMatch(/Choose a contract/);
  });
});

describe('what a contract entitles to', () => {
  const table: Table = {
    name: 'Four levels',
    rows: [
      { name: 'Urgent', when: { priority: ['1', 'urgent', '紧急'] }, response: { amount: 15, unit: 'minutes' }, resolution: { amount: 2, unit: 'hours' } },
      { name: 'Lifts', when: { type: ['repair'], channel: ['phone'] }, resolution: { amount: 3, unit: 'business_days' } },
      { name: 'All', response: { amount: 4, unit: 'business_hours' } },
    ],
  };

  it('is a table of who, how soon somebody comes and how soon it is solved', () => {
    expect(draw(Entitlement, { table, calendar: 'China' }).text).toContain('Urgent Urgent 15 min 2 h Lifts Repair · phone – 3 business d All All 4 business h –');
  });

  it('is in Chinese for who reads Chinese, the names that come with Fettle too', () => {
    locale.set('zh-CN');
    expect(draw(Entitlement, { table, calendar: '中国' }).text).toContain('四级优先级');
    expect([targetWords({ amount: 3, unit: 'business_days' }), whenWords({ priority: ['1', 'urgent'] })]).toEqual(['3 个工作日', '紧急']);
    expect([slaNames.shown('Round the clock'), slaNames.stored('全天候'), slaNames.shown('Our own'), slaNames.stored('我们的')]).toEqual(['全天候', 'Round the clock', 'Our own', '我们的']);
  });
});

describe('the steps of an escalation', () => {
  const settings: Settings = {
    policy_id: 'four-levels', calendar_id: 'china', supervisors: ['u1'], quiet: { from: '22:00', until: '07:00', from_priority: 2 },
    steps: [{ target: 'resolution', left_percent: 10, act: 'notify_supervisor' }, { target: 'resolution', left_percent: 30, act: 'notify_engineer' }, { target: 'response', left_percent: 0, act: 'reassign' }],
  };

  it('are shown in the order in which they are taken, and nothing is to be saved by that', () => {
    const draft = settingsDraft(settings);
    expect(draft.steps.map((step) => `${step.target} ${step.left}`)).toEqual(['response 0', 'resolution 30', 'resolution 10']);
    expect(sameSettings(draft, settings)).toBe(true);
    expect(sameSettings({ ...draft, steps: [...draft.steps, blankStep()] }, settings)).toBe(false);
  });

  it('are sent as numbers, and without quiet hours where there are none', () => {
    const sent = settingsOf({ ...settingsDraft(settings), isQuiet: false, steps: [{ ...blankStep(), left: '45' }] });
    expect([sent.quiet, sent.steps]).toEqual([null, [{ target: 'resolution', left_percent: 45, act: 'notify_engineer' }]]);
  });

  it('show each fault at its own step, and cannot be changed by who may not', () => {
    expect(faultFields(2)).toContain('steps[1].left_percent');
    const fault = (field: string) => (field === 'steps[0].left_percent' ? 'At most 99.' : undefined);
    const drawn = draw(StepFields, { steps: settingsDraft(settings).steps, may: false, fault });
    expect(drawn.text).toContain('At most 99.');
    expect(drawn.tags('button')).toEqual([]);
    expect(drawn.tags('input')[0]).toContain('aria-invalid="true"');
  });
});

describe('a row that is edited whole', () => {
  it('is saved against the very reading that one saw, and read again', async () => {
    const writes: string[] = [];
    let version = 1;
    const edited = new Edited<{ name: string }, { name: string }>({
      read: async () => ({ row: { name: `v${version}` }, tag: `"${version}"` }), draft: (row) => ({ ...row }),
      write: async (draft, tag) => { writes.push(`${draft.name} ${tag}`); version += 1; return draft; },
    });
    const sameName = (draft: { name: string }, row: { name: string }) => draft.name === row.name;
    await edited.load();
    expect(edited.changed(sameName)).toBe(false);
    if (edited.draft) edited.draft.name = 'mine';
    expect(edited.changed(sameName)).toBe(true);
    expect(await edited.save(new Submission())).toEqual({ name: 'mine' });
    expect([writes, edited.draft, edited.seen?.tag]).toEqual([['mine "1"'], { name: 'v2' }, '"2"']);
  });

  it('keeps what one typed when somebody was faster, says so, and replaces his version only then', async () => {
    const sending = new Submission();
    let [version, stored] = [1, 'a'];
    const edited = new Edited<{ name: string }, { name: string }>({
      read: async () => ({ row: { name: stored }, tag: `"${version}"` }), draft: (row) => ({ ...row }),
      write: async (draft, tag) => {
        if (tag !== `"${version}"`) throw new Problem(412, { code: 'stale' });
        [version, stored] = [version + 1, draft.name];
        return draft;
      },
    });
    await edited.load();
    [version, stored] = [2, 'theirs'];
    if (edited.draft) edited.draft.name = 'mine';
    expect(await edited.save(sending)).toBeUndefined();
    expect([edited.draft?.name, edited.seen?.row.name, edited.overtaken, stored]).toEqual(['mine', 'theirs', true, 'theirs']);
    expect(sending.rest.join()).toContain('replaces');
    expect(await edited.save(sending)).toEqual({ name: 'mine' });
    expect([stored, edited.overtaken]).toEqual(['mine', false]);
  });

  it('keeps what one typed when it is refused, and says that it could not be read', async () => {
    const sending = new Submission();
    let readable = true;
    const edited = new Edited<{ name: string }, { name: string }>({
      read: async () => { if (readable) return { row: { name: 'a' }, tag: '"1"' }; throw new Error('gone'); }, draft: (row) => ({ ...row }),
      write: async () => { throw new Refused(412); },
    });
    expect(await edited.save(sending)).toBeUndefined();
    await edited.load();
    if (edited.draft) edited.draft.name = 'mine';
    await edited.save(sending);
    expect([edited.draft?.name, sending.problem !== null]).toEqual(['mine', true]);
    readable = false;
    await edited.load();
    expect(edited.failed).toBe(true);
  });
});
