import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import { locale } from '../i18n/text';
import { Submission } from './form.svelte';
import { toasts } from './toast.svelte';
import { validityWords, type Control } from './validity';

afterEach(() => locale.set('en'));

describe('a submission', () => {
  const refused = new Problem(422, { errors: [{ field: 'title', code: 'required', message: 'x' }, { field: 'colour', code: 'unknown', message: 'x' }] });

  it('gives the value', async () => {
    const sending = new Submission();
    expect(await sending.run(async () => 7)).toBe(7);
    expect([sending.busy, sending.rest]).toEqual([false, []]);
  });

  it('shows each fault once: at its field, or above the form', async () => {
    const sending = new Submission(['title']);
    expect(await sending.run(() => Promise.reject(refused))).toBeUndefined();
    expect([sending.at('title'), sending.at('colour'), sending.rest]).toEqual(['This is needed.', 'Not known here.', ['colour: Not known here.']]);
  });

  it('forgets the faults of the last time when it is sent again', async () => {
    const sending = new Submission(['title']);
    await sending.run(() => Promise.reject(refused));
    await sending.run(async () => 1);
    expect([sending.at('title'), sending.rest]).toEqual([undefined, []]);
  });

  it('is not sent twice at once', async () => {
    const sending = new Submission();
    const work = vi.fn(() => new Promise<number>((resolve) => setTimeout(() => resolve(1), 5)));
    const [first, second] = await Promise.all([sending.run(work), sending.run(work)]);
    expect([first, second, work.mock.calls.length]).toEqual([1, undefined, 1]);
  });

  it('makes a problem of any failure, so that none is silent', async () => {
    const sending = new Submission();
    await sending.run(() => Promise.reject(new TypeError('x is not a function')));
    expect(sending.rest).toHaveLength(1);
  });
});

describe('what the browser refuses', () => {
  const control = (fault: string, attributes: Record<string, string> = {}, type = 'text') => ({ type, validity: { valid: false, [fault]: true }, getAttribute: (name: string) => attributes[name] ?? null }) as unknown as Control;

  it.each([
    ['a field left empty', control('valueMissing'), 'This is needed.'],
    ['a number out of bounds', control('rangeOverflow', { min: '1', max: '9' }, 'number'), 'Between 1 and 9.'],
    ['a number too small', control('rangeUnderflow', { min: '1' }, 'number'), 'At least 1.'],
    ['a number too large', control('rangeOverflow', { max: '9' }, 'number'), 'At most 9.'],
    ['a day before the first', control('rangeUnderflow', { min: '2026-01-01' }, 'date'), 'Must be later than the beginning.'],
    ['a short password', control('tooShort', { minlength: '10' }, 'password'), 'At least 10 characters.'],
    ['a long text', control('tooLong', { maxlength: '200' }), 'At most 200 characters.'],
    ['letters for a number', control('badInput', {}, 'number'), 'Give a number, such as 40.7486.'],
    ['a fraction of what is whole', control('stepMismatch', { step: '1' }, 'number'), 'Give a whole number.'],
    ['a wrong pattern', control('patternMismatch'), 'Give a number, such as 40.7486.'],
    ['no e-mail address', control('typeMismatch', {}, 'email'), 'This is no e-mail address.'],
    ['something new', control('customError'), 'Cannot be read like this.'],
  ])('is told in the language of the page: %s', (_, given, words) => {
    expect(validityWords(given)).toBe(words);
    locale.set('zh-CN');
    expect(validityWords(given)).toMatch(/[\u4e00-\u9fff]/);
  });

  it('of a time names the first that is possible', () => {
    expect(validityWords(control('rangeUnderflow', { min: '2020-11-22T14:05' }, 'datetime-local'))).toMatch(/^Not before .*2020.*14:05/);
  });

  it('is nothing when nothing is wrong', () => {
    expect(validityWords({ validity: { valid: true } } as Control)).toBe('');
  });
});

describe('short news', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('goes after a while or by a click, and is never a wall', () => {
    for (let i = 1; i <= 6; i += 1) toasts.say(`news ${i}`, i === 6 ? 'late' : 'plain');
    expect(toasts.list.map((toast) => toast.text)).toEqual(['news 3', 'news 4', 'news 5', 'news 6']);
    toasts.drop(toasts.list[0]?.id ?? 0);
    expect(toasts.list).toHaveLength(3);
    vi.advanceTimersByTime(10_000);
    expect(toasts.list).toEqual([]);
  });
});
