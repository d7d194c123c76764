// What is laid over the rows, and what is in them already.
import { describe, expect, it } from 'vitest';
import type { NumberedMutation, OutboxEntry, Row } from './database';
import { overlaid, seen } from './overlay';

const row = (v: number): Row => ({ c: 'tickets', id: 'T1', v, doc: { id: 'T1', sync_v: v, access_note: 'office' }, g: 0 });
const mutation = { mid: 'M1', seq: 1, op: 'patch', c: 'tickets', id: 'T1', base: 90, set: { access_note: 'phone' } } as unknown as NumberedMutation;
const entry = (more: Partial<OutboxEntry>): OutboxEntry => ({ seq: 1, mutation, state: 'waiting', made_at: 0, ...more });
const shown = (held: Row, one: OutboxEntry) => overlaid('tickets', [held], [one]).get('T1')?.['access_note'];

describe('an edit', () => {
  it('is shown while it waits, whatever the row says', () => expect(shown(row(200), entry({}))).toBe('phone'));

  const done = entry({ state: 'done', unsettled: 1, result: { mid: 'M1', result: 'applied', v: 96 } });
  it('is shown until a row comes that has it', () => expect(shown(row(95), done)).toBe('phone'));
  it('is laid over no row that has it: the next edit is made on what is seen', () => expect(shown(row(114), done)).toBe('office'));
});

describe('what an edit is made on', () => {
  const made = (held: Row | undefined, outbox: OutboxEntry[], column = 'access_note') => seen(held, outbox, { [column]: 'next' });
  it('is the row', () => expect([made(row(200), []), made(undefined, [])]).toEqual([200, 0]));
  it('is what the edit was made on that hides the row', () => expect(made(row(200), [entry({})])).toBe(90));
  it('is the row in another column, and where the row has the edit', () => {
    const done = entry({ state: 'done', unsettled: 1, result: { mid: 'M1', result: 'applied', v: 96 } });
    expect([made(row(200), [entry({})], 'site_contact'), made(row(200), [done]), made(row(95), [done])]).toEqual([200, 200, 90]);
  });
});
