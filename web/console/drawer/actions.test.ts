import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engineer, ticket } from '../../test/samples';
import { openWindow, Refused, serve, type Answers, type Asked } from '../../test/window';

async function load(answers: Answers) {
  vi.resetModules();
  openWindow('/');
  const asked: Asked[] = serve(answers);
  const [{ actions }, { live }, { toasts }] = await Promise.all([import('./actions.svelte'), import('../live.svelte'), import('$shared/ui/toast.svelte')]);
  live.engineers.set('e1', engineer());
  return { actions, live, toasts, asked };
}
const given = ticket({ status: 'assigned', engineer_id: 'e1' });
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('assigning', () => {
  const answers = { 'POST /api/v1/tickets/t1/assignments': { engineer_id: 'e1', shortages: [] }, 'GET /api/v1/tickets/t1': given };

  it('sends whom and why, says who got it, and shows it at once', async () => {
    const { actions, live, toasts, asked } = await load(answers);
    expect(await actions.assign('t1', 'e1', 'knows the building')).toMatchObject({ engineer_id: 'e1' });
    expect(asked[0]?.body).toEqual({ engineer_id: 'e1', reason: 'knows the building' });
    expect(live.tickets.get('t1')?.engineer_id).toBe('e1');
    expect(toasts.list.at(-1)).toMatchObject({ text: '1042 assigned to E-01 Maria Lopez', tone: 'plain', action: { text: 'Undo' } });
  });

  it('leaves the choice to the engine when nobody is named', async () => {
    const { actions, asked } = await load(answers);
    await actions.assign('t1', null);
    expect(asked[0]?.body).toEqual({});
  });

  it('does not hide that parts are short', async () => {
    const { actions, toasts } = await load({ ...answers, 'POST /api/v1/tickets/t1/assignments': { engineer_id: 'e1', shortages: [{}, {}] } });
    await actions.assign('t1', 'e1');
    expect(toasts.list.at(-1)?.text).toContain('parts short: 2');
  });

  it('says why it failed, and can be tried again', async () => {
    const { actions, toasts } = await load({ ...answers, 'POST /api/v1/tickets/t1/assignments': new Refused(409, { code: 'already_assigned', detail: 'x' }) });
    expect(await actions.assign('t1', 'e1')).toBeNull();
    expect(toasts.list.at(-1)).toMatchObject({ text: 'Somebody has it already.', tone: 'late' });
    expect(actions.busy).toBe(false);
  });

  it('is done once, however often one presses', async () => {
    const { actions, asked } = await load(answers);
    await Promise.all([actions.assign('t1', 'e1'), actions.assign('t1', 'e1'), actions.event('t1', 'cancel', 'x')]);
    expect(asked.filter((one) => one.method === 'POST')).toHaveLength(1);
  });
});

describe('a step of a ticket', () => {
  it('goes with its reason, and the answer is shown', async () => {
    const { actions, live, asked } = await load({ 'POST /api/v1/tickets/t1/events': ticket({ status: 'cancelled' }) });
    expect(await actions.event('t1', 'cancel', 'called twice')).toBe(true);
    expect(asked[0]?.body).toEqual({ kind: 'cancel', reason: 'called twice' });
    expect(live.tickets.get('t1')?.status).toBe('cancelled');
  });

  it('that the state does not allow is told in words', async () => {
    const { actions, toasts } = await load({ 'POST /api/v1/tickets/t1/events': new Refused(409, { code: 'illegal_move', detail: 'raw' }) });
    expect(await actions.event('t1', 'close')).toBe(false);
    expect(toasts.list.at(-1)?.text).toBe('Its state does not allow this any more.');
  });
});

it('asking for the list is counted, so that a second press is seen too', async () => {
  const { actions } = await load({});
  const before = actions.assignAsked;
  actions.openAssign();
  actions.openAssign();
  expect(actions.assignAsked).toBe(before + 2);
});
