import { afterEach, describe, expect, it, vi } from 'vitest';
import { unsaved } from './unsaved.svelte';

afterEach(() => unsaved.stay());

describe('what was typed and not saved', () => {
  it('is asked about before one goes on, and only where there is any', () => {
    const go = vi.fn();
    unsaved.leave(go);
    expect([go.mock.calls.length, unsaved.asking]).toEqual([1, false]);
    const end = unsaved.watch(() => true);
    unsaved.leave(go);
    expect([go.mock.calls.length, unsaved.asking]).toEqual([1, true]);
    unsaved.stay();
    expect([go.mock.calls.length, unsaved.asking]).toEqual([1, false]);
    unsaved.leave(go);
    unsaved.discard();
    expect([go.mock.calls.length, unsaved.asking]).toEqual([2, false]);
    end();
  });

  it('belongs to the form that is open now', () => {
    const go = vi.fn();
    const first = unsaved.watch(() => true);
    const second = unsaved.watch(() => false);
    first();
    unsaved.leave(go);
    expect(go).toHaveBeenCalledOnce();
    second();
  });
});
