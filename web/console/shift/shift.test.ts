import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { engineer, ticket } from '../../test/samples';
import { openWindow, Refused, serve, type Answers, type Asked } from '../../test/window';

const HOUR = 3_600_000;
const verdict = { engineer_id: 'e1', grade: 'fits', price: { starts_at: 0, travel_minutes: 5, late_minutes: 0, overtime_minutes: 0, missing_parts: 0, score_minutes: 5 } };
const card = (over: object = {}) => ({ now_at: 10 * HOUR, since: 2 * HOUR, looked_at: null, shift_began_at: HOUR, until: 14 * HOUR, changes: [], people: { on_shift: 0, heard_of: 0, silent: [], away: [], to_come: 0 }, risks: [], risk_count: 0, unready: [], unready_count: 0, undecided: 0, notes: [], ...over });
const CARD = 'GET /api/v1/shift';

let shift: typeof import('./shift.svelte').shift;
let horizon: typeof import('./shift.svelte').horizon;
let words: typeof import('./words');
let live: typeof import('../live.svelte').live;
let clock: typeof import('$shared/clock.svelte').clock;
let toasts: typeof import('$shared/ui/toast.svelte').toasts;
let asked: Asked[];

// Once for all: to load the modules anew for each test takes longer than the tests.
beforeAll(async () => {
  openWindow('/');
  serve({});
  ({ shift, horizon } = await import('./shift.svelte'));
  words = await import('./words');
  ({ clock } = await import('$shared/clock.svelte'));
  ({ toasts } = await import('$shared/ui/toast.svelte'));
  ({ live } = await import('../live.svelte'));
  live.engineers.set('e1', engineer());
}, 120_000);
afterAll(() => vi.unstubAllGlobals());
const load = (answers: Answers) => (asked = serve(answers));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  load({});
  shift.open = false;
});
afterEach(() => vi.useRealTimers());

describe('the card', () => {
  it('looks as far as noon, or four hours where noon is near or over', () => {
    const at = (hour: number) => new Date(2026, 10, 23, hour).getTime();
    expect([horizon(at(7)), horizon(at(11)), horizon(at(12)), horizon(at(15))]).toEqual([at(12), at(12), at(16), at(19)]);
  });

  it.each([
    [null, true, true], [9 * HOUR, true, false], [5 * HOUR, true, true], [null, false, false],
  ])('that was last seen at %s, with nothing else open: %s, opens itself: %s', async (looked_at, unasked, opens) => {
    load({ [CARD]: card({ looked_at }) });
    await shift.begin(unasked);
    expect(shift.open).toBe(opens);
  });

  it('that is seen is closed, and the server knows until when', async () => {
    load({ [CARD]: card(), 'POST /api/v1/shift/looked': {} });
    await shift.begin(true);
    await shift.seen();
    expect([shift.open, asked.at(-1)?.body]).toEqual([false, { until: 10 * HOUR }]);
  });

  it('tells since the shift began if one wants that', async () => {
    load({ [CARD]: card() });
    await shift.begin(true);
    shift.whole = true;
    await vi.waitFor(() => expect(asked.at(-1)?.query.get('since')).toBe(String(HOUR)));
  });

  it('leaves a note about a ticket, and says why it could not', async () => {
    load({ [CARD]: card(), 'POST /api/v1/handover-notes': { id: 'n1' } });
    expect(await shift.leave('Mrs Li calls back', 't1')).toBe(true);
    expect(asked.find((one) => one.method === 'POST')?.body).toEqual({ text: 'Mrs Li calls back', ticket_id: 't1' });
    expect(await shift.order('p1')).toBe(false);
    expect(toasts.list.at(-1)?.tone).toBe('late');
  });

  it('gives a ticket with the reason that was asked for, and is read again', async () => {
    load({ [CARD]: card(), 'POST /api/v1/tickets/t1/assignments': {}, 'GET /api/v1/tickets/t1': ticket() });
    live.put(ticket({ status: 'assigned', engineer_id: 'e2' }));
    await shift.give('t1', null, verdict as never, 'She is there already');
    expect(asked.find((one) => one.method === 'POST')?.body, 'who came between is not passed over').toEqual({ engineer_id: 'e1', reason: 'She is there already' });
    expect(asked.at(-1)?.path).toBe('/api/v1/shift');
  });

  it('that cannot be read says so and does not open', async () => {
    load({ [CARD]: new Refused(500) });
    await shift.begin(true);
    expect([shift.failed, shift.open]).toEqual([true, false]);
  });
});

describe('its words', () => {
  it('tell what changed, or that nothing has', () => {
    const changes = [{ kind: 'opened', count: 14, tickets: [], engineers: [], parts: [] }, { kind: 'absent', count: 1, tickets: [], engineers: [], parts: [] }];
    expect([words.changesText(card({ changes }) as never), words.changesText(card() as never)]).toEqual(['14 new, 1 absent', 'Nothing has changed']);
  });

  it('tell why a promise breaks', () => {
    const risk = (over: object) => words.riskText({ engineer_id: 'e1', late_minutes: 0, late_percent: 70, ...over } as never);
    expect([risk({ engineer_id: null }), risk({ late_minutes: 12 }), risk({})]).toEqual(['nobody has it', 'begins 12m late', 'likely late (70 %)']);
  });

  it('tell what is lacking', () => {
    const part = { kind: 'part', number: 'P-1', name: 'Belt', name_zh: '' };
    const lack = (lack: object) => words.lackText({ lack } as never);
    expect([lack(part), lack({ ...part, expected_on: '2026-11-24' })]).toEqual(['P-1 Belt is missing', 'P-1 Belt is missing, expected Nov 24, 2026']);
    expect(lack({ kind: 'anybody', reasons: [{ rule: 'skill_missing', count: 3 }] })).toMatch(/3/);
    clock.set(0, 0);
    expect(lack({ kind: 'answer', asked_at: 0 })).toMatch(/^not accepted, asked at \d\d:\d\d$/);
    expect(lack({ kind: 'answer', asked_at: -48 * HOUR })).toMatch(/Dec \d\d/);
  });

  it('name the one step that mends it', () => {
    const steps = [{ kind: 'give', verdict }, { kind: 'override', verdict }, { kind: 'order', part_id: 'p' }, { kind: 'call_engineer', phone: '1' }, { kind: 'call_customer', phone: '2', name: 'Li' }, { kind: 'look' }];
    expect(steps.map((step) => words.fixText(step as never))).toEqual(['Give to E-01 Maria Lopez', 'Give to E-01 Maria Lopez all the same …', 'Order it', 'Call 1', 'Call customer 2', 'Look at it']);
  });
});
