import { describe, expect, it } from 'vitest';
import type { Ticket } from '$shared/api/types';
import { ticket } from '../../test/samples';
import { byDue, isFiltered, laneOf, lines, matches, nextUnready, queueLane, readFilters, step, writeFilters, type Filters } from './queue';

const none: Filters = { text: '', priorities: [], late: false, engineerId: null, sort: 'due' };
const nobody = () => '';
const ids = (list: ReturnType<typeof lines>) => list.map((line) => (line.kind === 'lane' ? line.lane : line.ticket.id));

describe('order', () => {
  it('goes by due time, then priority, then number', () => {
    const list = [ticket({ id: 'late', due_at: 300 }), ticket({ id: 'low', due_at: 100, priority: 4 }), ticket({ id: 'b', due_at: 100, priority: 1, number: 2 }), ticket({ id: 'a', due_at: 100, priority: 1, number: 1 })];
    expect(list.sort(byDue).map((one) => one.id)).toEqual(['a', 'b', 'low', 'late']);
  });

  it('is by priority, or the newest first, for who wants that; it stands in the address', () => {
    const list = [ticket({ id: 'a', number: 1, due_at: 100, priority: 3 }), ticket({ id: 'b', number: 2, due_at: 200, priority: 1 }), ticket({ id: 'c', number: 3, due_at: 150, priority: 3 })];
    const by = (sort: Filters['sort']) => ids(lines(list, { ...none, sort }, 0, nobody)).filter((id) => id.length === 1);
    expect([by('due'), by('priority'), by('new')]).toEqual([['a', 'c', 'b'], ['b', 'a', 'c'], ['c', 'b', 'a']]);
    const query = writeFilters(new URLSearchParams(), { ...none, sort: 'new' });
    expect([query.toString(), readFilters(query).sort, readFilters(new URLSearchParams('sort=x')).sort]).toEqual(['sort=new', 'new', 'due']);
  });

  it('goes by the response while nobody has taken it up', () => {
    const sla = { state: 'due', response_state: 'due', response_due_at: 50, responded_at: null } as never;
    expect([ticket({ id: 'soon', due_at: 100 }), ticket({ id: 'first', due_at: 900, sla })].sort(byDue)[0]?.id).toBe('first');
    const waits = ticket({ status: 'assigned', created_at: 0, due_at: 900, sla });
    expect([queueLane(waits, 10, false), queueLane(waits, 60, false)]).toEqual(['field', 'risk']);
  });

  it('puts what has no due time last', () => {
    expect([ticket({ id: 'none', due_at: null as never }), ticket({ id: 'far', due_at: 9e15 })].sort(byDue)[0]?.id).toBe('far');
  });

  it('does not depend on the order of arrival', () => {
    const list = [ticket({ id: 'a', number: 1 }), ticket({ id: 'b', number: 2 }), ticket({ id: 'c', number: 3 })];
    expect(ids(lines(list, none, 0, nobody))).toEqual(ids(lines([...list].reverse(), none, 0, nobody)));
  });
});

describe('lanes', () => {
  it('put what nobody has first and leave out what is over', () => {
    const list = [ticket({ id: 'done', status: 'completed' }), ticket({ id: 'out', status: 'working' }), ticket({ id: 'new' }), ticket({ id: 'closed', status: 'closed' }), ticket({ id: 'off', status: 'cancelled' })];
    expect(ids(lines(list, none, 0, nobody))).toEqual(['decide', 'new', 'field', 'out', 'confirm', 'done']);
  });

  it('give what somebody has to the lane of what threatens it', () => {
    const held = (id: string, over: Partial<Ticket> = {}) => ticket({ id, status: 'assigned', created_at: 0, due_at: 1_000, ...over });
    const list = [held('calm', { due_at: 9_000 }), held('pressing'), held('part'), held('stuck', { status: 'waiting' }), held('stuck for a part', { status: 'waiting' }), ticket({ id: 'new', due_at: 1_000 })];
    const waiting = new Set(['part', 'stuck for a part', 'new']);
    expect(ids(lines(list, none, 800, nobody, waiting))).toEqual(['decide', 'new', 'risk', 'pressing', 'parts', 'part', 'stuck for a part', 'unready', 'stuck', 'field', 'calm', 'confirm']);
  });

  it('are there also when they are empty, with their count; those of what threatens only when something does', () => {
    expect(lines([], none, 0, nobody)).toEqual(['decide', 'field', 'confirm'].map((lane) => ({ kind: 'lane', lane, count: 0 })));
  });

  it('know no lane for a status of a newer server', () => {
    expect(laneOf({ status: 'dreaming' as never })).toBeNull();
  });
});

describe('filters', () => {
  const subject = ticket({ priority: 1, engineer_id: 'e1', due_at: 100 });
  it.each([
    [{ text: '1042' }, true],
    [{ text: 'MAIN stuck' }, true],
    [{ text: 'main doors' }, false],
    [{ text: 'lopez' }, true],
    [{ priorities: [1, 2] }, true],
    [{ priorities: [3] }, false],
    [{ engineerId: 'e1' }, true],
    [{ engineerId: 'e2' }, false],
  ] as [Partial<Filters>, boolean][])('%j gives %s', (filter, expected) => {
    expect(matches(subject, { ...none, ...filter }, 0, () => 'Maria Lopez')).toBe(expected);
  });

  it('for what is at risk takes the last 30 % and what is late', () => {
    const at = (now: number) => matches(subject, { ...none, late: true }, now, nobody);
    expect([at(0), at(60), at(70), at(500)]).toEqual([false, false, true, true]);
  });

  it('survive the address and leave the selection in it', () => {
    const filters: Filters = { text: 'main st', priorities: [1, 4], late: true, engineerId: 'e1', sort: 'priority' };
    const query = writeFilters(new URLSearchParams('ticket=t9'), filters);
    expect(query.get('ticket')).toBe('t9');
    expect(readFilters(new URLSearchParams(query.toString()))).toEqual(filters);
  });

  it('leave nothing in the address when they are cleared', () => {
    expect(writeFilters(new URLSearchParams('q=a&late=1&ticket=t9'), none).toString()).toBe('ticket=t9');
  });

  it('ignore nonsense in an address that somebody typed', () => {
    expect(readFilters(new URLSearchParams('priority=9,x,2&late=yes'))).toEqual({ ...none, priorities: [2] });
  });

  it('know whether there are any', () => {
    expect([isFiltered(none), isFiltered({ ...none, text: ' ' }), isFiltered({ ...none, late: true })]).toEqual([false, false, true]);
  });
});

describe('J and K', () => {
  const list = lines([ticket({ id: 'a', number: 1 }), ticket({ id: 'b', number: 2 }), ticket({ id: 'c', number: 3, status: 'working' })], none, 0, nobody);
  it.each([
    [null, 1, 'a'],
    [null, -1, 'c'],
    ['a', 1, 'b'],
    ['b', 1, 'c'],
    ['c', 1, 'c'],
    ['a', -1, 'a'],
    ['gone', 1, 'a'],
  ] as const)('from %s by %d come to %s', (from, by, to) => {
    expect(step(list, from, by)).toBe(to);
  });

  it('do nothing in an empty queue', () => {
    expect(step(lines([], none, 0, nobody), null, 1)).toBeNull();
  });
});

describe('what is not ready', () => {
  it('is gone through in turn, from whatever is chosen', () => {
    const list = lines([ticket({ id: 'new' }), ticket({ id: 'part', status: 'assigned' }), ticket({ id: 'key', status: 'waiting' })], none, 0, nobody, new Set(['part']));
    expect([null, 'new', 'part', 'key'].map((from) => nextUnready(list, from))).toEqual(['part', 'part', 'key', 'part']);
    expect(nextUnready(lines([ticket({ id: 'new' })], none, 0, nobody), 'new')).toBeNull();
  });
});
