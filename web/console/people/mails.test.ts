import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MailView } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import MailRow from './MailRow.svelte';
import { MAIL_STATES, mailTones, mailWords } from './mails';

const NOON = new Date(2026, 10, 23, 12).getTime();
const mail = (over: Partial<MailView> = {}): MailView =>
  ({ id: 'm1', name: 'Dora Reyes', email: 'dora@lifts.example', ticket_id: 't1', number: 1042, kind: 'resolution_due', state: 'sent', attempts: 1, created_at: NOON - 600_000, due_at: null, sent_at: NOON, error: '', ...over });
const row = (over: Partial<MailView> = {}) => draw(MailRow, { mail: mail(over), busy: false, onreplay: () => undefined });
beforeEach(() => clock.set(NOON, 1));
afterEach(() => locale.set('en'));

describe('a mail', () => {
  it('says to whom, about what with the way there, and that it was sent', () => {
    const { text, attribute, tags } = row();
    expect(text).toMatch(/^Dora Reyes dora@lifts\.example #1042 The time to solve it is running out .* Sent$/);
    expect(attribute('a', 'href')).toBe('/?ticket=t1');
    expect(tags('button')).toEqual([]);
  });

  it('that was refused says why, and alone can be sent again', () => {
    const dead = row({ state: 'dead', error: 'permanent error (550): no such mailbox' });
    expect(dead.text).toContain('Refused permanent error (550): no such mailbox');
    expect(dead.attribute('button', 'aria-label')).toBe('Send again: the mail to Dora Reyes about ticket 1042');
    expect(row({ state: 'waiting' }).tags('button')).toEqual([]);
  });

  it('that waits after a failure says when it is tried next', () => {
    expect(row({ state: 'waiting', attempts: 3, due_at: NOON + 900_000 }).text).toMatch(/Waiting tried 3 times Again at .*12:15/);
    expect(row({ state: 'waiting', attempts: 0, due_at: NOON }).text).toMatch(/Waiting$/);
  });

  it('stands in each state in its own words and colour, in both languages', () => {
    const words = () => new Set(MAIL_STATES.map(mailWords)).size;
    expect([words(), new Set(Object.values(mailTones)).size]).toEqual([3, 3]);
    locale.set('zh-CN');
    expect(words()).toBe(3);
    expect(row({ state: 'dead' }).text).toContain('发送失败');
  });
});
