import { afterEach, describe, expect, it, vi } from 'vitest';
import { toasts } from '$shared/ui/toast.svelte';
import { isTaken, openWith } from './keys';

/** A key that falls on the page, or in an element that `inside` names; `open` is what else is there. */
function taken(open: string | null = null, inside: string | null = null, defaultPrevented = false): boolean {
  vi.stubGlobal('document', { querySelector: (what: string) => (what === open ? {} : null) });
  const target = { closest: (what: string) => (inside && what.includes(inside) ? {} : null) };
  return isTaken({ target, defaultPrevented } as never);
}
afterEach(() => vi.unstubAllGlobals());

describe('a key', () => {
  it('is the page’s, but not while somebody types or has a menu open', () => {
    expect([taken(), taken(null, 'textarea'), taken(null, '[role=menu]')]).toEqual([false, true, true]);
  });

  it('is a dialog’s, also when the focus has fallen on the page behind it', () => {
    expect([taken('[role=dialog]'), taken('[role=dialog]', '[role=dialog]')]).toEqual([true, true]);
  });

  it('that another has acted on is not acted on again', () => {
    expect(taken(null, null, true)).toBe(true);
  });

  it('is nobody’s while what it is meant for is being loaded', async () => {
    let there = () => {};
    let open = false;
    const opening = openWith(new Promise<void>((done) => (there = done)), () => (open = true));
    expect([taken(), open]).toEqual([true, false]);
    there();
    await opening;
    expect([taken(), open]).toEqual([false, true]);
  });

  it('is the page’s again when that cannot be loaded, and it is said', async () => {
    let open = false;
    await openWith(Promise.reject(new Error('gone')), () => (open = true));
    expect([taken(), open, toasts.list.at(-1)?.tone]).toEqual([false, false, 'late']);
  });
});
