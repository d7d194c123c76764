import { describe, expect, it } from 'vitest';
import { Asked } from './asked.svelte';

/** Questions that are answered when the test says so. */
function questions() {
  const open: { answer: (value: string) => void; fail: () => void }[] = [];
  const asked = new Asked<string>(() => new Promise((resolve, reject) => open.push({ answer: resolve, fail: () => reject(new Error('down')) })));
  return { asked, open };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('something that is asked when somebody wants to see it', () => {
  it('is not asked before, and once however often it is opened and closed', async () => {
    const { asked, open } = questions();
    expect(open).toHaveLength(0);
    asked.toggle();
    open[0]?.answer('yes');
    await settled();
    asked.toggle();
    asked.toggle();
    expect([asked.open, asked.found, open.length]).toEqual([true, 'yes', 1]);
  });

  it('shows that it failed, and can be asked again', async () => {
    const { asked, open } = questions();
    asked.toggle();
    open[0]?.fail();
    await settled();
    expect([asked.failed, asked.found]).toEqual([true, null]);
    const again = asked.again();
    expect(asked.failed).toBe(false);
    open[1]?.answer('now');
    await again;
    expect([asked.failed, asked.found]).toEqual([false, 'now']);
  });

  it('is asked anew where it is shown, and keeps the old answer until the new one is there', async () => {
    const { asked, open } = questions();
    asked.toggle();
    open[0]?.answer('old');
    await settled();
    asked.stale();
    expect([asked.found, open.length]).toEqual(['old', 2]);
    open[1]?.answer('new');
    await settled();
    expect(asked.found).toBe('new');
  });

  it('is forgotten where it is not shown', async () => {
    const { asked, open } = questions();
    asked.toggle();
    open[0]?.answer('old');
    await settled();
    asked.toggle();
    asked.stale();
    expect([asked.found, open.length]).toEqual([null, 1]);
    asked.toggle();
    expect(open).toHaveLength(2);
  });

  it('drops an answer that comes after a newer question', async () => {
    const { asked, open } = questions();
    asked.toggle();
    asked.stale();
    open[1]?.answer('new');
    await settled();
    open[0]?.answer('old');
    await settled();
    expect(asked.found).toBe('new');
  });

  it('drops a failure that comes after a newer question', async () => {
    const { asked, open } = questions();
    asked.toggle();
    asked.stale();
    open[1]?.answer('new');
    open[0]?.fail();
    await settled();
    expect([asked.found, asked.failed]).toEqual(['new', false]);
  });

  it('drops an answer to a question that was given up', async () => {
    const { asked, open } = questions();
    asked.toggle();
    asked.toggle();
    asked.stale();
    open[0]?.answer('old');
    await settled();
    expect(asked.found).toBeNull();
  });
});
