import { createRawSnippet, type Component } from 'svelte';
import { render } from 'svelte/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clock } from '$shared/clock.svelte';
import { dueOf } from '$shared/due';
import { locale } from '$shared/i18n/text';
import Ago from './Ago.svelte';
import DueBar from './DueBar.svelte';
import DueLeft from './DueLeft.svelte';
import Faults from './Faults.svelte';
import Field from './Field.svelte';
import Notice from './Notice.svelte';
import Priority from './Priority.svelte';
import Status from './Status.svelte';

/** The markup, without what Svelte needs to find its way. */
const html = <P extends object>(component: Component<P>, props: P): string => render(component as never, { props } as never).body.replace(/<!--.*?-->/g, '');
const text = (markup: string): string => markup.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim();
const HOUR = 3_600_000;
const due = (left: number, status = 'assigned') => dueOf({ status: status as never, created_at: 0, due_at: 10 * HOUR }, 10 * HOUR - left);
const control = createRawSnippet((tie: () => Record<string, unknown>) => ({ render: () => `<input id="${String(tie()['id'])}" aria-invalid="${String(tie()['aria-invalid'])}" aria-describedby="${String(tie()['aria-describedby'])}">` }));

beforeEach(() => clock.set(10 * HOUR, 1));
afterEach(() => locale.set('en'));

describe('what colour says is said in words too', () => {
  it.each([[due(8 * HOUR), '8h left', 'ok'], [due(4 * HOUR), '4h left', 'soon'], [due(HOUR), '1h left', 'risk'], [due(-2 * HOUR), '2h late', 'late'], [due(HOUR, 'waiting'), 'paused', 'paused']])('%j', (given, words, step) => {
    const markup = html(DueLeft, { due: given });
    expect(text(markup)).toBe(words);
    expect(markup).toContain(step);
  });

  it('what is done has no clock and no bar', () => {
    expect(text(html(DueLeft, { due: due(HOUR, 'completed') }) + html(DueBar, { due: due(HOUR, 'completed') }))).toBe('');
  });

  it('the bar shows how much of the time is used, and is not read out', () => {
    const markup = html(DueBar, { due: due(3 * HOUR) });
    expect(markup).toMatch(/width:\s*70%/);
    expect(markup).toContain('aria-hidden="true"');
  });

  it('a priority has its shape and always its word', () => {
    const shapes = [1, 2, 3, 4].map((priority) => /d="([^"]+)"/.exec(html(Priority, { priority }))?.[1]);
    expect(new Set(shapes).size).toBe(4);
    expect(text(html(Priority, { priority: 1 }))).toBe('Urgent');
    locale.set('zh-CN');
    expect(text(html(Priority, { priority: 1 }))).toBe('紧急');
  });

  it('a state is told, with the step a customer speaks of in its title', () => {
    const markup = html(Status, { status: 'on_site' });
    expect([text(markup), /title="([^"]+)"/.exec(markup)?.[1]]).toEqual(['On site', 'In progress']);
  });
});

describe('a field', () => {
  const field = (props: object) => html(Field as unknown as Component<Record<string, unknown>>, { label: 'Title', children: control, ...props });
  const ids = (markup: string) => ({ label: /for="([^"]+)"/.exec(markup)?.[1], input: /<input id="([^"]+)"/.exec(markup)?.[1], about: /aria-describedby="([^"]+)"/.exec(markup)?.[1], note: /<p[^>]* id="([^"]+)"/.exec(markup)?.[1] });

  it('is tied to its label', () => {
    const { label, input } = ids(field({}));
    expect(label).toBeTruthy();
    expect(input).toBe(label);
  });

  it('reads its hint out, and its fault instead of the hint', () => {
    const hinted = field({ hint: 'In one line' });
    expect(ids(hinted).about).toBe(ids(hinted).note);
    expect(hinted).toContain('aria-invalid="false"');
    const faulty = field({ hint: 'In one line', fault: 'This is needed.' });
    expect(ids(faulty).about).toBe(ids(faulty).note);
    expect(faulty).toContain('aria-invalid="true"');
    expect(text(faulty)).toBe('Title This is needed.');
  });

  it('says that it may stay empty', () => {
    expect(text(field({ optional: true }))).toBe('Title optional');
  });
});

describe('news', () => {
  it('of a failure interrupts, of anything else waits its turn', () => {
    expect(html(Notice, { title: 'Gone', tone: 'late' })).toContain('role="alert"');
    expect(html(Notice, { title: 'Nothing yet' })).toContain('role="status"');
  });

  it('of a form is read out at once, and there is no empty box', () => {
    expect(html(Faults, { messages: ['One', 'Two'] })).toContain('role="alert"');
    expect(text(html(Faults, { messages: [] }))).toBe('');
  });
});

describe('a time', () => {
  it('says when and how long ago by the server’s clock, exactly for machines and for who points at it', () => {
    const markup = html(Ago, { at: 8 * HOUR });
    expect(text(markup)).toMatch(/ · 2 hr\. ago$/);
    expect(markup).toContain(`datetime="${new Date(8 * HOUR).toISOString()}"`);
    expect(markup).toMatch(/title="[^"]*1970[^"]*"/);
  });
});
