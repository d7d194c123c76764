import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWindow, serve, type Asked } from '../../test/window';

const at = (page_id: string, login: string, ticket_id: string, editing = false) => ({ page_id, user_id: login, login, ticket_id, editing });
let asked: Asked[];

async function load() {
  vi.resetModules();
  openWindow('/');
  vi.stubGlobal('removeEventListener', () => undefined);
  asked = serve({ 'PUT /api/v1/presence': {} });
  return import('./presence');
}
const said = () => asked.map((one) => { const { page_id, ...rest } = one.body as { page_id: string }; return page_id ? rest : null; });
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the others', () => {
  it('are each there once, without one’s own page, who edits first', async () => {
    const { othersAt } = await load();
    const everybody = [at('p1', 'zoe', 't1', true), at('p2', 'otto', 't1'), at('p3', 'otto', 't1', true), at('p4', 'anna', 't1'), at('p5', 'eve', 't2'), at('me', 'dora', 't1')];
    expect(othersAt(everybody, 't1', 'me')).toEqual([{ login: 'otto', editing: true }, { login: 'zoe', editing: true }, { login: 'anna', editing: false }]);
  });

  it('have initials', async () => {
    const { initials } = await load();
    expect([initials('dora.lee'), initials('otto'), initials('王 小明')]).toEqual(['DL', 'O', '王小']);
  });
});

describe('one’s own page', () => {
  it('says where it is once one stays, and again every twenty seconds', async () => {
    const { presence } = await load();
    const stop = presence.start();
    presence.show('t1');
    presence.show('t2');
    await vi.advanceTimersByTimeAsync(300);
    expect(said()).toEqual([{ editing: false, ticket_id: 't2' }]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(said()).toHaveLength(2);
    presence.show(null);
    await vi.advanceTimersByTimeAsync(300);
    expect(said().at(-1)).toEqual({ editing: false });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said()).toHaveLength(3);
    stop();
  });

  it('says that a form is open, and that it was closed', async () => {
    const { presence } = await load();
    const stop = presence.start();
    presence.show('t1');
    const close = presence.edit();
    await vi.advanceTimersByTimeAsync(300);
    close();
    await vi.advanceTimersByTimeAsync(300);
    expect(said()).toEqual([{ editing: true, ticket_id: 't1' }, { editing: false, ticket_id: 't1' }]);
    stop();
  });
});
