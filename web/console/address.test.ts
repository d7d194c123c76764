import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWindow } from '../test/window';

let view: ReturnType<typeof openWindow>;
async function load(address: string) {
  vi.resetModules();
  view = openWindow(address);
  const [{ router }, { selection }, { chosen }] = await Promise.all([import('./router.svelte'), import('./selection.svelte'), import('./chosen.svelte')]);
  return { router, selection, chosen };
}
beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

describe('the address', () => {
  it('says which screen and what is selected from the start', async () => {
    const { router, selection } = await load('/customers?ticket=t1&q=doors');
    expect([router.path, router.query.get('q'), selection.ticket]).toEqual(['/customers', 'doors', 't1']);
  });

  it('has a step in the history for a screen, and none for typing', async () => {
    const { router } = await load('/');
    router.go('/people');
    router.setQuery(new URLSearchParams({ q: 'a' }));
    router.setQuery(new URLSearchParams({ q: 'ab' }));
    expect(view.back).toEqual(['/', '/people?q=ab']);
    router.setQuery(new URLSearchParams());
    expect(view.back).toEqual(['/', '/people']);
  });

  it('follows the browser’s own buttons', async () => {
    const { router } = await load('/?priority=1');
    router.go('/people');
    history.back();
    expect([router.path, router.query.get('priority')]).toEqual(['/', '1']);
  });

  it('leaves clicks with a modifier to the browser, which opens a tab', async () => {
    const { router } = await load('/');
    const click = (over: object) => ({ button: 0, preventDefault: vi.fn(), currentTarget: { pathname: '/people', search: '?id=e1' }, ...over });
    for (const over of [{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { button: 1 }]) {
      const event = click(over);
      router.follow(event as never);
      expect(event.preventDefault).not.toHaveBeenCalled();
    }
    expect(router.path).toBe('/');
    router.follow(click({}) as never);
    expect([router.path, router.query.get('id')]).toEqual(['/people', 'e1']);
  });
});

describe('the selected ticket', () => {
  it('comes and goes without touching the filters', async () => {
    const { router, selection } = await load('/?priority=1,2');
    selection.pick('t9');
    expect(router.query.toString()).toBe('priority=1%2C2&ticket=t9');
    selection.clear();
    expect([selection.ticket, router.query.get('priority')]).toEqual([null, '1,2']);
    expect(view.back).toHaveLength(1);
  });
});

describe('the open record', () => {
  it('is a step: back leads to the list', async () => {
    const { chosen } = await load('/customers');
    chosen.pick('c1');
    expect(chosen.id).toBe('c1');
    history.back();
    expect(chosen.id).toBeNull();
  });

  it('is no step when it is open already', async () => {
    const { chosen } = await load('/customers?id=c1');
    chosen.pick('c1');
    expect(view.back).toHaveLength(1);
  });

  it('is closed without a trace in the address', async () => {
    const { chosen, router } = await load('/people?id=e1');
    chosen.clear();
    expect(view.location.search).toBe('');
    expect(router.path).toBe('/people');
  });
});
