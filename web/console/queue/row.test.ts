import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { engineer, ticket } from '../../test/samples';
import { live } from '../live.svelte';
import QueueRow from './QueueRow.svelte';
import type { Lane } from './queue';

const HOUR = 3_600_000;
const row = (more: Parameters<typeof ticket>[0] = {}, lane: Lane = 'decide') => draw(QueueRow, { ticket: ticket({ due_at: 2 * HOUR, ...more }), lane });
beforeEach(() => {
  clock.set(HOUR, 0);
  live.engineers.clear();
});
afterEach(() => locale.set('en'));

describe('a ticket in the queue', () => {
  it('says what, where, how pressing and how long, and can be found by its id', () => {
    const drawn = row({ symptom: 'Callback/repair' });
    expect(drawn.text).toMatch(/^High Out of order 1h left #1042 1 Main St/);
    expect(drawn.attribute('button', 'data-ticket')).toBe('t1');
  });

  it('has its title where the caller gave no symptom', () => {
    expect(row({ symptom: '' }).text).toContain('1P100: Car stuck');
  });

  it('says in Chinese what is known in Chinese, and leaves the caller’s words', () => {
    locale.set('zh-CN');
    expect(row({ symptom: 'Callback/repair' }).text).toContain('停梯报修');
    expect(row({ symptom: 'Smells of burning' }).text).toContain('Smells of burning');
  });

  it('that nobody has says why: the two reasons that keep out most', () => {
    const queue_reasons = [{ rule: 'absent' as const, count: 1 }, { rule: 'off_shift' as const, count: 40 }, { rule: 'skill_missing' as const, count: 7 }];
    const { text } = row({ queue_reasons });
    expect(text).toContain('Off shift: 40, Skill missing: 7');
    expect(text).not.toContain('Absent');
  });

  it('that nobody has for no reason waits for a decision', () => {
    expect(row().text).toContain('Waits for a decision');
  });

  it('under way says who has it and how far it is, and not why it waited', () => {
    live.engineers.set('e1', engineer({ name: 'Maria Lopez' }));
    const { text } = row({ status: 'travelling', engineer_id: 'e1', queue_reasons: [{ rule: 'absent', count: 3 }] }, 'field');
    expect(text).toMatch(/Maria Lopez Travelling/);
    expect(text).not.toContain('Absent');
  });

  it('whose engineer is not read yet says so without a wrong name', () => {
    expect(row({ status: 'assigned', engineer_id: 'e9' }, 'field').text).toContain('… Assigned');
    expect(row({ status: 'completed', engineer_id: null }, 'confirm').text).toContain('Nobody');
  });

  it('that nobody has taken up says until when somebody has to', () => {
    const sla = { state: 'due', response_state: 'due', response_due_at: 1.5 * HOUR, responded_at: null } as never;
    expect(row({ sla }).text).toContain('respond in 30m');
    clock.set(1.75 * HOUR, 0);
    expect(row({ sla }).text).toContain('response 15m late');
  });

  it('that is late says so, and its bar is full', () => {
    const drawn = row({ due_at: HOUR / 2 });
    expect(drawn.text).toContain('30m late');
    expect(drawn.html).toContain('width: 100%');
  });
});
