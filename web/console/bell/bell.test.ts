import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NotificationView } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { page, Refused, serve, settled, type Answers } from '../../test/window';
import List from './List.svelte';
import { bellLabel, newsWords } from './words';

const NOON = new Date(2026, 10, 23, 12).getTime();
const one = (id: string, over: Partial<NotificationView> = {}): NotificationView => ({ id, ticket_id: `t-${id}`, number: 1042, title: 'Car stuck', kind: 'resolution_due', at: NOON - 300_000, read_at: null, ...over });
const drawn = (items: NotificationView[], over: object = {}) =>
  draw(List, { items, loaded: true, failed: false, onretry: () => undefined, onread: () => undefined, onreadall: () => undefined, onleave: () => undefined, ...over });

async function begin(answers: Answers) {
  vi.resetModules();
  const asked = serve(answers);
  const { bell } = await import('./bell.svelte');
  await bell.refresh();
  return { bell, asked };
}
beforeEach(() => clock.set(NOON, 1));
afterEach(() => {
  locale.set('en');
  vi.unstubAllGlobals();
});

describe('the bell', () => {
  it('says how many are not read, to who sees it and to who hears it', () => {
    expect([bellLabel(0), bellLabel(3), bellLabel(250)]).toEqual(['Notifications', 'Notifications, 3 unread', 'Notifications, 99+ unread']);
  });

  it('counts what is unread and announces what came since, but nothing that was there before', async () => {
    let items = [one('a'), one('b', { read_at: NOON })];
    const { bell } = await begin({ 'GET /api/v1/notifications': () => page(items) });
    expect([bell.unread, bell.latest]).toEqual([1, null]);
    items = [one('c', { kind: 'reassigned', number: 7 }), ...items];
    await bell.refresh();
    expect([bell.unread, newsWords(bell.latest)]).toEqual([2, 'New: ticket 7, Car stuck. Given to somebody else, its time was running out']);
  });

  it('marks one as read at once, and takes it back if the server refuses', async () => {
    const { bell, asked } = await begin({ 'GET /api/v1/notifications': page([one('a'), one('b')]), 'POST /api/v1/notifications/a/read': {}, 'POST /api/v1/notifications/b/read': new Refused(503) });
    const reading = bell.read('a');
    expect(bell.unread).toBe(1);
    await reading;
    await bell.read('b');
    expect([bell.unread, bell.items.find((item) => item.id === 'b')?.read_at]).toEqual([1, null]);
    expect(asked.filter((request) => request.method === 'POST').map((request) => request.path)).toEqual(['/api/v1/notifications/a/read', '/api/v1/notifications/b/read']);
  });

  it('marks all as read by one request', async () => {
    const { bell, asked } = await begin({ 'GET /api/v1/notifications': page([one('a'), one('b')]), 'POST /api/v1/notifications/read': {} });
    await bell.readAll();
    expect([bell.unread, asked.filter((request) => request.method === 'POST').length]).toEqual([0, 1]);
  });

  it('keeps what it knew while the server cannot be reached, and says so only where it knows nothing', async () => {
    let answer: unknown = page([one('a')]);
    const { bell } = await begin({ 'GET /api/v1/notifications': () => answer });
    answer = new Refused(0);
    await bell.refresh();
    expect([bell.failed, bell.items.length]).toEqual([true, 1]);
    expect(drawn(bell.items, { failed: true }).text).toContain('Car stuck');
    expect(drawn([], { failed: true, loaded: false }).text).toContain('Try again');
  });

  it('looks again when an escalation or a rule goes over the stream, once for many, and at nothing else', async () => {
    vi.resetModules();
    const asked = serve({ 'GET /api/v1/notifications': page([]) });
    const listeners: ((change: { entity: string }) => void)[] = [];
    vi.doMock('../live.svelte', () => ({ live: { connection: 'live', onChange: (run: (change: { entity: string }) => void) => (listeners.push(run), () => listeners.splice(0)) } }));
    vi.useFakeTimers();
    try {
      const { bell } = await import('./bell.svelte');
      const stop = bell.start();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(asked.length).toBe(1);
      for (const entity of ['tickets', 'escalations', 'rule_firings']) listeners[0]?.({ entity });
      await vi.advanceTimersByTimeAsync(1_000);
      expect(asked.length).toBe(2);
      stop();
      expect(listeners).toEqual([]);
    } finally {
      vi.useRealTimers();
      vi.doUnmock('../live.svelte');
      await settled();
    }
  });
});

describe('its list', () => {
  it('leads to the ticket, and says in words what is unread', () => {
    const { text, tags } = drawn([one('a'), one('b', { read_at: NOON, kind: 'response_due', number: 9 })]);
    expect(tags('a').map((tag) => /href="([^"]*)"/.exec(tag)?.[1])).toEqual(['/?ticket=t-a', '/?ticket=t-b']);
    expect(text.match(/Unread:/g)).toHaveLength(1);
    expect(text).toContain('#9 Car stuck The time to respond is running out');
    expect(tags('button').filter((tag) => tag.includes('Mark the one about ticket 1042 as read'))).toHaveLength(1);
  });

  it('says what a rule is called, in the reader\'s language', () => {
    const rule = one('a', { kind: 'rule', rule_en: 'Passenger trapped', rule_zh: '困人' });
    expect(drawn([rule]).text).toContain('Passenger trapped');
    locale.set('zh-CN');
    expect(drawn([rule]).text).toContain('困人');
  });

  it('says who wrote and what, and where a watched ticket stands', () => {
    const noted = one('a', { kind: 'commented', note_author: 'wang', note_text: 'The owner is away' });
    const moved = one('b', { kind: 'status_changed', status: 'on_site' });
    expect(drawn([noted, moved]).text).toMatch(/wang wrote a comment The owner is away .*Now: On site/);
    locale.set('zh-CN');
    expect(drawn([noted, moved]).text).toMatch(/wang 发表了评论.*当前状态：已到达/);
  });

  it('says that there is nothing, and then nothing can be marked', () => {
    const { text, tags } = drawn([]);
    expect(text).toContain('Nothing yet');
    expect(tags('button')[0]).toContain('disabled');
  });

  it('is in Chinese for who reads Chinese', () => {
    locale.set('zh-CN');
    expect(drawn([one('a')]).text).toContain('解决时限将至');
    expect(bellLabel(2)).toBe('通知，2 条未读');
  });
});
