import '../test/globals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TicketStatus } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../test/render';
import NextButton from './NextButton.svelte';
import NumberField from './NumberField.svelte';
import OfferCard from './OfferCard.svelte';
import type { Doc, OutboxEntry } from '$sync';
import type { PhoneView, VisitTicket } from './view';
import VisitCard from './VisitCard.svelte';
import VisitPage from './VisitPage.svelte';
import WaitingPage from './WaitingPage.svelte';

const HOUR = 3_600_000;
const site: Doc = { id: 'S1', name: 'Bryant Park Offices', address: '1 Main St', access_note: 'Ring the porter', contact: 'Porter, 555' };
const visit = (status: TicketStatus, doc: Doc = {}, more: Partial<VisitTicket> = {}): VisitTicket => ({
  id: 'T1', status, pending: false, site, asset: null, doc: { id: 'T1', number: 1042, title: 'Car stuck', priority: 2, due_at: 5 * HOUR, created_at: 0, ...doc }, ...more,
});
const phoneView = (more: Partial<PhoneView> = {}): PhoneView =>
  ({ rows: [], outbox: [], claims: new Set(), tickets: [], done: 0, waiting: [], attention: [], parts: new Map(), reservations: [], vans: new Set(), used: [], notes: [], ...more });
const entry = (c: string, set: Doc, why?: string): OutboxEntry => ({
  seq: 1, state: 'waiting', made_at: 0, ...(why ? { result: { mid: 'm', result: 'rejected', why } } : {}),
  mutation: { mid: 'm', seq: 1, op: 'insert', c, id: 'm', set, hlc: '', wall: 0, mono: 0, boot: 'b', schema: 1 },
} as unknown as OutboxEntry);
const roller: Doc = { id: 'p1', number: 'DR-110', name: 'Door roller', name_zh: '门滑轮', unit: 'pcs', decimals: 0 };
const promised = (status: string, more: Doc = {}): Doc => ({ id: 'r1', ticket_id: 'T1', part_id: 'p1', quantity: 2, status, location_id: 'D', location_name: 'Depot East', ...more });
beforeEach(() => clock.set(HOUR, 0));
afterEach(() => locale.set('en'));

describe('the one button', () => {
  it.each<[TicketStatus, string, string]>([
    ['assigned', 'Accept', '接单'], ['accepted', 'Set off', '出发'], ['travelling', 'Arrive', '到达'], ['on_site', 'Start', '开始'], ['working', 'Complete', '完成'], ['waiting', 'Resume', '继续'],
  ])('of a visit that is %s says the next step', (status, _, zh) => {
    const en = draw(NextButton, { ticket: visit(status) });
    expect(en.text.length).toBeGreaterThan(2);
    locale.set('zh-CN');
    expect(draw(NextButton, { ticket: visit(status) }).text).toContain(zh);
  });

  it('is another one at each step, and none when there is nothing left to do', () => {
    const steps = (['assigned', 'accepted', 'travelling', 'on_site', 'working', 'waiting'] as const).map((status) => draw(NextButton, { ticket: visit(status) }).text);
    expect(new Set(steps).size).toBe(6);
    expect(draw(NextButton, { ticket: visit('completed') }).tags('button')).toEqual([]);
  });

  it('is loud for the first visit only', () => {
    expect(draw(NextButton, { ticket: visit('assigned'), loud: true }).html).toContain('primary');
    expect(draw(NextButton, { ticket: visit('assigned'), loud: false }).html).not.toContain('primary');
  });
});

describe('a ticket that is offered to all', () => {
  const offer = { id: 'T9', number: 9, title: 'Doors', priority: 1, address: '1 Main St', due_at: 5 * HOUR };
  const card = (claimed: boolean, online: boolean) => draw(OfferCard, { offer, claimed, online }).text;

  it('can be taken, and without a network is wanted and not had, in both languages', () => {
    expect(card(false, true)).toMatch(/#9 .*4h left .*Doors .*I take it/);
    expect(card(false, false)).toContain('somebody else may be faster');
    expect(card(true, false)).toContain('not yours yet');
    expect(card(true, false)).not.toContain('I take it');
    expect(card(true, true)).toContain('The server is deciding');
    locale.set('zh-CN');
    expect(card(true, false)).toContain('尚未归您');
  });
});

describe('a visit in today’s list', () => {
  const card = (ticket: VisitTicket, view = phoneView()) => draw(VisitCard, { ticket, view, first: true });

  it('says what, where, how to get in and how long there is', () => {
    const { text } = card(visit('accepted', { access_note: 'Gate code 4471' }));
    expect(text).toMatch(/High Accepted .*4h left Car stuck .*1 Main St .*Gate code 4471/);
  });

  it('is coloured by the time that is left, though phones are not told when a ticket was opened', () => {
    const step = (due_at: number) => /<svg[^>]*class="(\w+)/.exec(card(visit('accepted', { due_at, created_at: null })).html)?.[1];
    expect([step(9 * HOUR), step(1.9 * HOUR), step(1.5 * HOUR), step(HOUR / 2)]).toEqual(['ok', 'soon', 'risk', 'late']);
  });

  it('says that it is not on the server yet', () => {
    expect(card(visit('accepted', {}, { pending: true })).text).toContain('waiting');
    expect(card(visit('accepted')).text).not.toContain('waiting');
  });

  it('says how many parts are in hand, and where to fetch the others', () => {
    const view = phoneView({ reservations: [promised('handed_over'), promised('held', { id: 'r2' })] });
    expect(card(visit('accepted'), view).text).toContain('Parts in hand 1/2 · fetch at Depot East');
    expect(card(visit('accepted')).text).not.toContain('Parts');
  });

  it('leads to its page', () => {
    expect(card(visit('accepted')).attribute('a', 'href')).toBe('#T1');
  });

  it('has the name of the site where it has no address', () => {
    expect(card(visit('accepted', {}, { site: { id: 'S1', name: 'Bryant Park Offices', address: '' } })).text).toContain('Bryant Park Offices');
    expect(card(visit('accepted', {}, { site: null })).text).toContain('Car stuck');
  });
});

describe('the page of a visit', () => {
  const visitPage = (ticket: VisitTicket, view = phoneView()) => draw(VisitPage, { ticket, view });

  it('has the site’s access note and contact unless the ticket has its own', () => {
    expect(visitPage(visit('accepted')).text).toMatch(/Ring the porter .*Porter, 555/);
    expect(visitPage(visit('accepted', { access_note: 'Freight door', site_contact: 'Ann, 777' })).text).toMatch(/Freight door .*Ann, 777/);
    expect(visitPage(visit('accepted', {}, { site: null })).text).toContain('No access note');
  });

  it('says how late it is', () => {
    clock.set(6 * HOUR, 0);
    expect(visitPage(visit('working')).text).toContain('1h late');
    clock.set(HOUR, 0);
    expect(visitPage(visit('working')).text).not.toContain('late');
  });

  it('offers to decline until one has set off, and to pause while one works', () => {
    const offers = (status: TicketStatus) => [visitPage(visit(status)).text.includes('Decline'), visitPage(visit(status)).text.includes('Pause')];
    expect([offers('assigned'), offers('travelling'), offers('working')]).toEqual([[true, false], [false, false], [false, true]]);
  });

  it('offers to use a part that is left, while one may', () => {
    const view = phoneView({ parts: new Map([['p1', roller]]), reservations: [promised('handed_over')] });
    expect(visitPage(visit('working'), view).html).toContain('aria-label="Door roller: used"');
    expect(visitPage(visit('accepted'), view).html).not.toContain('aria-label="Door roller: used"');
    const used = { ...view, used: [{ ticket_id: 'T1', part_id: 'p1', quantity: 2, pending: true }] };
    expect(visitPage(visit('working'), used).html).not.toContain('aria-label="Door roller: used"');
    expect(visitPage(visit('working'), used).text).toContain('Door roller: 2 used');
  });

  it('says which piece was built in and which came out, and offers to give numbers of what has none by rule', () => {
    const view = (tracking: string | null, serial: string) => phoneView({
      parts: new Map([['p1', { ...roller, ...(tracking ? { tracking } : {}) }]]), reservations: [promised('handed_over')], used: [{ ticket_id: 'T1', part_id: 'p1', quantity: 1, serial, removed: 'OLD-1', pending: true }],
    });
    expect(visitPage(visit('working'), view('serial', 'N-1')).text).toMatch(/Door roller: 1 used no\. N-1 · out: no\. OLD-1/);
    expect(visitPage(visit('working'), view('lot', 'L7')).text).toContain('Lot L7 · out: no. OLD-1');
    const numbers = (tracking: string | null) => visitPage(visit('working'), view(tracking, '')).html.includes('aria-label="Door roller: used, with numbers"');
    expect([numbers(null), numbers('serial'), numbers('lot')]).toEqual([true, false, false]);
  });

  it('names a part in the reader’s language, and says what it knows of one that it does not know', () => {
    const view = phoneView({ parts: new Map([['p1', roller]]), reservations: [promised('held'), promised('held', { id: 'r2', part_id: 'p9', part_name: 'Belt' })] });
    locale.set('zh-CN');
    expect(visitPage(visit('working'), view).text).toContain('门滑轮');
    expect(visitPage(visit('working'), view).text).toContain('Belt');
  });

  it('shows only its own notes', () => {
    const notes = [{ ticket_id: 'T1', text: 'Belt worn', pending: true }, { ticket_id: 'T2', text: 'Other lift', pending: false }];
    const { text } = visitPage(visit('working'), phoneView({ notes }));
    expect(text).toContain('Belt worn');
    expect(text).not.toContain('Other lift');
  });
});

describe('a number of a piece', () => {
  const field = (more: object = {}) => draw(NumberField, { label: 'Number of the new piece', value: 'N-1', fault: undefined, optional: false, none: false, noneLabel: 'Cannot be read', ontake: vi.fn(), onnone: vi.fn(), next: null, ...more });

  it('is typed or scanned, and its fault is tied to it', () => {
    const drawn = field({ fault: 'This is needed.' });
    expect([drawn.attribute('input', 'value'), drawn.attribute('input', 'aria-invalid')]).toEqual(['N-1', 'true']);
    expect(drawn.html).toContain('aria-label="Scan with the camera: Number of the new piece"');
    expect(drawn.text).toMatch(/This is needed\. .*Cannot be read/);
  });

  it('cannot be given where somebody said that there is none', () => {
    expect(field({ none: true }).tags('input')[0]).toContain('disabled');
    expect(field({ noneLabel: null }).tags('input')).toHaveLength(1);
  });
});

describe('what is not on the server yet', () => {
  it('is nothing when all is sent', () => {
    const drawn = draw(WaitingPage, { view: phoneView() });
    expect(drawn.text).toContain('Everything is on the server.');
    expect(drawn.text).not.toContain('Send now');
  });

  it('is named with its ticket, and can be sent now', () => {
    const view = phoneView({ tickets: [visit('working')], waiting: [entry('ticket_events', { ticket_id: 'T1', kind: 'arrive' }), entry('notes', { ticket_id: 'T9' })] });
    const { text } = draw(WaitingPage, { view });
    expect(text).toMatch(/#1042/);
    expect(text).toMatch(/Note .*Send now/);
  });

  it('that the office has to look at says why, and is put away by hand', () => {
    const { text } = draw(WaitingPage, { view: phoneView({ attention: [entry('part_usage', { ticket_id: 'T1' }, 'The ticket was cancelled.')] }) });
    expect(text).toMatch(/did not take effect: The ticket was cancelled\. .*Nothing is lost.* Understood/);
  });

  it('shows mine and theirs of what was edited by two, and the rule by which one counts', () => {
    const edit = entry('tickets', { access_note: 'gate 1' }, 'later');
    Object.assign(edit.mutation, { op: 'patch', id: 'T1' });
    Object.assign(edit.result ?? {}, { kept: { access_note: { device: 'gate 1', server: 'gate 2', why: 'later' } } });
    const view = phoneView({ tickets: [visit('working')], attention: [edit] });
    expect(draw(WaitingPage, { view }).text).toMatch(/#1042 · Edited .* Mine gate 1 Theirs gate 2 The other edit was later/);
    locale.set('zh-CN');
    expect(draw(WaitingPage, { view }).text).toMatch(/我的 gate 1 对方的 gate 2 对方修改较晚/);
  });

  it.each([['already_taken', 'Somebody else was faster.'], ['cancelled', 'The office cancelled'], ['new_code', 'It did not take effect: new_code']])('says in words why: %s', (why, words) => {
    expect(draw(WaitingPage, { view: phoneView({ attention: [entry('ticket_events', { kind: 'claim' }, why)] }) }).text).toContain(words);
  });
});
