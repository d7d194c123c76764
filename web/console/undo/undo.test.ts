import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engineer } from '../../test/samples';
import { openWindow, Refused, serve, type Answers, type Asked } from '../../test/window';

const action = { id: 'a1', number: 3, kind: 'assign', at: 0, user_id: 'u1', login: 'dora', tickets: 1, ticket_id: 't1', ticket_number: 1042, engineer_id: 'e1', undone_at: null, undone_by: null };
const UNDO = 'POST /api/v1/dispatch/undo';
const REDO = 'POST /api/v1/dispatch/redo';

async function load(answers: Answers) {
  vi.resetModules();
  openWindow('/');
  const asked: Asked[] = serve(answers);
  const [{ undo, nameOf }, { live }, { toasts }, { actionText }] = await Promise.all([import('./undo.svelte'), import('../live.svelte'), import('$shared/ui/toast.svelte'), import('./words')]);
  live.engineers.set('e1', engineer());
  return { undo, nameOf, toasts, asked, actionText };
}
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('undoing', () => {
  it('says what was undone, and offers to do it again', async () => {
    const { undo, toasts, asked } = await load({ [UNDO]: action, [REDO]: action });
    await undo.undo();
    expect(asked[0]?.body).toEqual({});
    expect(toasts.list.at(-1)).toMatchObject({ text: 'Undone: 1042 assigned to E-01 Maria Lopez', action: { text: 'Redo' } });
    toasts.list.at(-1)?.action?.run();
    await vi.waitFor(() => expect(asked.at(-1)).toMatchObject({ path: '/api/v1/dispatch/redo', body: { action_id: 'a1' } }));
  });

  it('from the news of what one did is of that ticket', async () => {
    const { undo, toasts, asked } = await load({ [UNDO]: action });
    undo.say('1042 assigned', 't1');
    toasts.list.at(-1)?.action?.run();
    await vi.waitFor(() => expect(asked.at(-1)?.body).toEqual({ ticket_id: 't1' }));
  });

  it.each([
    ['undo_phone_acted', { engineer: 'E-1', ticket_number: 1042, kind: 'accept', at: 0 }, /E-1 has acted on 1042 since \(Accept/],
    ['undo_changed', { by: 'otto', ticket_number: 1042, at: 0 }, /otto has changed 1042/],
    ['undo_changed', { by: 'planner', ticket_number: 1042, at: 0 }, /The planner has changed 1042/],
    ['undo_changed', { ticket_number: 1042 }, /somebody has changed 1042/],
    ['undo_parts_moved', { ticket_number: 1042 }, /parts of 1042/],
    ['already_undone', { by: 'otto' }, /otto has undone it/],
    ['nothing_to_undo', {}, /nothing of yours/],
  ])('that is refused with %s says why', async (code, facts, words) => {
    const { undo, toasts } = await load({ [UNDO]: new Refused(409, { code, facts, detail: 'x' }) });
    expect(await undo.undo()).toBeNull();
    expect(toasts.list.at(-1)).toMatchObject({ tone: 'late' });
    expect(toasts.list.at(-1)?.text).toMatch(words);
  });

  it('names every kind of deed', async () => {
    const { actionText, nameOf } = await load({});
    const text = (more: object) => actionText({ ...action, ...more } as never, nameOf);
    expect([text({ kind: 'unassign' }), text({ kind: 'cancel' }), text({ kind: 'edit' })]).toEqual(['1042 taken back', '1042 cancelled', '1042 edited']);
    const many = { tickets: 7, ticket_number: null, ticket_id: null };
    expect([text(many), text({ ...many, kind: 'accept_proposal' })]).toEqual(['7 tickets assigned', 'Proposal accepted: 7 tickets']);
  });
});
