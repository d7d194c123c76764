import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import type { TicketStatus } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { dueOf, type Due } from '$shared/due';
import { locale } from '$shared/i18n/text';
import { draw, snippet } from '../../test/render';
import Ago from './Ago.svelte';
import DueBar from './DueBar.svelte';
import DueLeft from './DueLeft.svelte';
import Faults from './Faults.svelte';
import Field from './Field.svelte';
import Icon from './Icon.svelte';
import Notice from './Notice.svelte';
import Prefs from './Prefs.svelte';
import Priority from './Priority.svelte';
import SplitHandle from './SplitHandle.svelte';
import Status from './Status.svelte';
import Tabs from './Tabs.svelte';
import { toasts } from './toast.svelte';
import Toasts from './Toasts.svelte';
import VirtualList from './VirtualList.svelte';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
afterEach(() => locale.set('en'));

describe('a field', () => {
  const field = (more: object) => draw(Field, { label: 'Name', children: snippet('<input>'), ...more });

  it('has its label, and a hint where there is one', () => {
    const drawn = field({ hint: 'As on the door' });
    expect(drawn.text).toBe('Name As on the door');
    expect(drawn.attribute('label', 'for')).toBe(/id="([^"]+)-hint"/.exec(drawn.html)?.[1]);
  });

  it('shows the fault instead of the hint', () => {
    const drawn = field({ hint: 'As on the door', fault: 'This is needed.' });
    expect(drawn.text).toBe('Name This is needed.');
    expect(drawn.html).toMatch(/id="[^"]+-fault"/);
  });

  it('ties its control to label, hint and fault', () => {
    const ties: unknown[] = [];
    const spy = ((_: unknown, tie: () => unknown) => ties.push(tie)) as never;
    for (const more of [{}, { hint: 'h' }, { fault: 'f' }]) draw(Field, { label: 'Name', children: spy, ...more });
    expect(ties.map((tie) => (tie as Record<string, unknown>)['aria-invalid'])).toEqual([false, false, true]);
    const about = ties.map((tie) => (tie as Record<string, unknown>)['aria-describedby'] as string | undefined);
    expect([about[0], about[1]?.endsWith('-hint'), about[2]?.endsWith('-fault')]).toEqual([undefined, true, true]);
  });

  it('says that it may stay empty, in the language of the page', () => {
    expect(field({ optional: true }).text).toBe('Name optional');
    locale.set('zh-CN');
    expect(field({ optional: true }).text).toBe('Name 选填');
  });
});

describe('a notice', () => {
  it('interrupts only when something is wrong', () => {
    expect(draw(Notice, { title: 'Nothing here' }).attribute('div', 'role')).toBe('status');
    expect(draw(Notice, { title: 'Broken', tone: 'late' }).attribute('div', 'role')).toBe('alert');
  });

  it('shows title, text and what can be done', () => {
    const drawn = draw(Notice, { title: 'Broken', text: 'No network', children: snippet('<button>Again</button>') });
    expect(drawn.text).toBe('Broken No network Again');
  });

  it('does not take what it is given for markup', () => {
    expect(draw(Notice, { title: '<b>x</b>' }).tags('b')).toEqual([]);
  });
});

describe('faults of a form', () => {
  it('are nothing while there are none', () => {
    expect(draw(Faults, { messages: [] }).html.trim()).toBe('');
  });

  it('are all told, at once', () => {
    const drawn = draw(Faults, { messages: ['One.', 'One.', 'Two.'] });
    expect([drawn.text, drawn.attribute('div', 'role')]).toEqual(['One. One. Two.', 'alert']);
  });
});

describe('an icon', () => {
  it('is never read aloud: the words are beside it', () => {
    const drawn = draw(Icon, { name: 'warn', size: 24 });
    expect([drawn.attribute('svg', 'aria-hidden'), drawn.attribute('svg', 'width')]).toEqual(['true', '24']);
  });
});

describe('a priority', () => {
  it.each([[1, 'Urgent', '紧急'], [2, 'High', '高'], [3, 'Medium', '中'], [4, 'Low', '低']])('%d has a shape of its own and a word', (priority, en, zh) => {
    const drawn = draw(Priority, { priority });
    expect(drawn.text).toBe(en);
    locale.set('zh-CN');
    expect(draw(Priority, { priority }).text).toBe(zh);
  });

  it('is told apart by shape, not by colour', () => {
    const shapes = [1, 2, 3, 4].map((priority) => draw(Priority, { priority }).attribute('path', 'd'));
    expect(new Set(shapes).size).toBe(4);
  });

  it('hides its word from the eye only', () => {
    expect(draw(Priority, { priority: 1 }).tags('span')[1]).toContain('sr');
    expect(draw(Priority, { priority: 1, words: true }).tags('span')[1]).not.toContain('sr');
  });
});

describe('a state', () => {
  it.each<[TicketStatus, string, string]>([
    ['new', 'New', 'warn'], ['assigned', 'Assigned', 'badge'], ['working', 'Working', 'accent'], ['completed', 'Completed', 'good'], ['cancelled', 'Cancelled', 'badge'],
  ])('%s is said, with a tone beside it', (status, words, tone) => {
    const drawn = draw(Status, { status });
    expect(drawn.text).toBe(words);
    expect(drawn.attribute('span', 'class')).toContain(tone);
  });

  it('has its phase as a title: what customers and managers speak of', () => {
    expect(draw(Status, { status: 'accepted' }).attribute('span', 'title')).toBe('Pending');
    expect(draw(Status, { status: 'waiting' }).attribute('span', 'title')).toBe('In progress');
  });
});

describe('time left', () => {
  const at = (due_at: number | null, status: TicketStatus = 'new'): Due => dueOf({ status, created_at: 0, due_at }, 60 * MINUTE);

  it.each<[string, Due, string, string]>([
    ['much', at(10 * HOUR), 'ok', '9h left'], ['half of it', at(2 * HOUR), 'soon', '1h left'], ['little', at(80 * MINUTE), 'risk', '20m left'],
    ['none', at(30 * MINUTE), 'late', '30m late'], ['paused', at(2 * HOUR, 'waiting'), 'paused', 'paused'],
  ])('that is %s is said in words and coloured', (_, due, step, words) => {
    const drawn = draw(DueLeft, { due });
    expect([due.step, drawn.text]).toEqual([step, words]);
    expect(drawn.attribute('span', 'class')).toContain(step);
    expect(draw(DueBar, { due }).html).toContain(step);
  });

  it('is not shown where no clock runs', () => {
    for (const due of [at(null), at(2 * HOUR, 'completed')]) {
      expect(draw(DueLeft, { due }).text).toBe('');
      expect(draw(DueBar, { due }).html.trim()).toBe('');
    }
  });

  it('fills its bar by the share that is used', () => {
    expect(draw(DueBar, { due: at(4 * HOUR) }).html).toContain('width: 25%');
    expect(draw(DueBar, { due: at(30 * MINUTE) }).html).toContain('width: 100%');
  });
});

describe('a time', () => {
  it('is said as when and how long ago, with the exact instant behind it', () => {
    clock.set(Date.UTC(2026, 10, 22, 12), 0);
    const drawn = draw(Ago, { at: Date.UTC(2026, 10, 22, 11) });
    expect(drawn.text).toMatch(/Nov 22.* · 1 hr\. ago/);
    expect(drawn.attribute('time', 'datetime')).toBe('2026-11-22T11:00:00.000Z');
    expect(drawn.attribute('time', 'title')).toMatch(/2026.*:00:00/);
  });
});

describe('tabs', () => {
  const tabs = [{ id: 'a', text: 'Pick', count: 3 }, { id: 'b', text: 'Stock', count: 0 }];

  it('say which one is open, and count only what there is', () => {
    const drawn = draw(Tabs, { value: 'b', tabs, label: 'Warehouse', panel: snippet('<p>inside</p>') });
    expect(drawn.tags('button').map((tag) => /aria-selected="(\w+)"/.exec(tag)?.[1])).toEqual(['false', 'true']);
    expect(drawn.text).toBe('Pick 3 Stock inside');
  });
});

describe('language and theme', () => {
  it('offer the other language by its own name', () => {
    expect(draw(Prefs, {}).text).toBe('中文');
    expect(draw(Prefs, {}).attribute('button', 'lang')).toBe('zh-CN');
    locale.set('zh-CN');
    expect(draw(Prefs, {}).text).toBe('English');
    expect(draw(Prefs, {}).attribute('button', 'lang')).toBe('en');
  });
});

describe('the bar between two panes', () => {
  it('tells its value and bounds to who cannot see it', () => {
    const drawn = draw(SplitHandle, { value: 400, min: 320, max: 560, label: 'Width of the queue', side: 'left' });
    const told = ['aria-valuenow', 'aria-valuemin', 'aria-valuemax', 'aria-label', 'tabindex'].map((name) => drawn.attribute('div', name));
    expect(told).toEqual(['400', '320', '560', 'Width of the queue', '0']);
  });
});

describe('what just happened', () => {
  it('is told politely, and what failed looks different', () => {
    toasts.say('Saved.');
    toasts.say('Not saved.', 'late');
    const drawn = draw(Toasts, {});
    expect([drawn.text, drawn.attribute('div', 'aria-live')]).toEqual(['Saved. Not saved.', 'polite']);
    expect(drawn.tags('div').filter((tag) => tag.includes('toast ')).map((tag) => tag.includes('late'))).toEqual([false, true]);
    for (const toast of [...toasts.list]) toasts.drop(toast.id);
    expect(draw(Toasts, {}).text).toBe('');
  });
});

describe('a long list', () => {
  it('draws what is in view, and is as high as all of it', () => {
    const items = Array.from({ length: 5_000 }, (_, i) => `t${i}`);
    const drawn = draw(VirtualList as never, { items, height: () => 50, key: (item: string) => item, label: 'Queue', row: snippet('<i>row</i>') } as never);
    const rows = drawn.html.match(/role="listitem"/g)?.length ?? 0;
    expect(rows).toBeGreaterThan(10);
    expect(rows).toBeLessThan(100);
    expect(drawn.html).toContain('height: 250000px');
    expect(drawn.attribute('div', 'aria-label')).toBe('Queue');
  });
});
