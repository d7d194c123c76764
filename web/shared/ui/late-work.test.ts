import '../../test/globals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { draw } from '../../test/render';
import type { ConflictCard } from '../api/types';
import { locale } from '../i18n/text';
import CardList from './CardList.svelte';
import { ANSWERS, answerText, answerTitle, isLateWork, workOf } from './late-work';

const entry = (collection: string | null) => ({ collection, row_id: 'r', why: 'not_yours', kept: {}, at: 0 });
const card = (more: Partial<ConflictCard> = {}) => ({
  id: 'c1', kind: 'late_work', status: 'open', ticket_id: 'T1', ticket_number: 1042, engineer_id: 'e1', engineer_name: 'Anna', created_at: 0, resolved_at: null, resolved_by: null, counts: [],
  entries: [entry('ticket_events'), entry('part_usage'), entry('ticket_events'), entry(null)], ...more,
}) as ConflictCard;
const drawn = (answer: (() => void) | null) => draw(CardList, { cards: [card()], busy: false, count: vi.fn(), resolve: vi.fn(), answer });
afterEach(() => locale.set('en'));

describe('late work', () => {
  it('is counted by what it was', () => {
    expect(workOf(card())).toEqual([['steps', 2], ['parts used', 1], ['others', 1]]);
  });

  it('is answered by the office, and only seen by others; nobody just puts it away', () => {
    const buttons = (one: ReturnType<typeof drawn>) => one.tags('button').length;
    const office = drawn(vi.fn());
    expect(office.text).toContain('Anna worked without a network on a ticket that was meanwhile cancelled or given to somebody else. Answer …');
    expect([buttons(office), office.text.includes('Done')]).toEqual([1, false]);
    expect([buttons(drawn(null)), drawn(null).text.includes('The office answers this.')]).toEqual([0, true]);
  });

  it('is over once it is answered, and other cards have no answers', () => {
    expect([isLateWork(card()), isLateWork(card({ status: 'resolved' })), isLateWork(card({ kind: 'step' }))]).toEqual([true, false, false]);
  });

  it('has three answers, each with what it does, in both languages', () => {
    const words = () => ANSWERS.map((one) => `${answerTitle(one)}: ${answerText(one)}`);
    expect(words()[2]).toBe("Accept the work: The work counts: the ticket becomes the engineer's and stands where his steps led.");
    locale.set('zh-CN');
    expect(words().join('')).not.toMatch(/[a-z]/i);
    expect(new Set(words()).size).toBe(3);
  });
});
