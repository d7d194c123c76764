import { describe, expect, it } from 'vitest';
import { StreamStore, type Change } from './store';

interface Row {
  id: string;
  status: string;
  note?: string;
}

const put = (seq: number, id: string, row: Record<string, unknown>): Change => ({ seq, entity: 'tickets', row_id: id, op: 'put', row: { id, ...row }, actor: 'a', at: seq });
const gone = (seq: number, id: string): Change => ({ seq, entity: 'tickets', row_id: id, op: 'delete', row: null, actor: 'a', at: seq });

function fresh(): { store: StreamStore; rows: Map<string, Row> } {
  const store = new StreamStore();
  return { store, rows: store.table<Row>('tickets') };
}

describe('StreamStore', () => {
  it('takes a change and moves its cursor', () => {
    const { store, rows } = fresh();
    expect(store.apply([put(7, 't1', { status: 'new' })])).toHaveLength(1);
    expect(rows.get('t1')?.status).toBe('new');
    expect(store.cursor).toBe(7);
  });

  it('applies a batch in the order of its numbers, whatever order it came in', () => {
    const { store, rows } = fresh();
    store.apply([put(9, 't1', { status: 'working' }), put(8, 't1', { status: 'accepted' })]);
    expect(rows.get('t1')?.status).toBe('working');
  });

  it('ignores a change that comes a second time', () => {
    const { store } = fresh();
    store.apply([put(7, 't1', { status: 'new' })]);
    expect(store.apply([put(7, 't1', { status: 'new' })])).toEqual([]);
  });

  it('ignores an older change of the same row that comes late', () => {
    const { store, rows } = fresh();
    store.apply([put(9, 't1', { status: 'working' })]);
    expect(store.apply([put(8, 't1', { status: 'accepted' })])).toEqual([]);
    expect(rows.get('t1')?.status).toBe('working');
    expect(store.cursor).toBe(9);
  });

  it('takes a late change of another row', () => {
    const { store, rows } = fresh();
    store.apply([put(9, 't1', { status: 'working' })]);
    expect(store.apply([put(8, 't2', { status: 'new' })])).toHaveLength(1);
    expect(rows.has('t2')).toBe(true);
  });

  it('keeps fields that a change does not mention', () => {
    const { store, rows } = fresh();
    store.apply([put(1, 't1', { status: 'new', note: 'dog' }), put(2, 't1', { status: 'assigned' })]);
    expect(rows.get('t1')).toEqual({ id: 't1', status: 'assigned', note: 'dog' });
  });

  it('does not let a late put bring a deleted row back', () => {
    const { store, rows } = fresh();
    store.apply([put(1, 't1', { status: 'new' })]);
    store.apply([gone(3, 't1')]);
    store.apply([put(2, 't1', { status: 'assigned' })]);
    expect(rows.has('t1')).toBe(false);
  });

  it('counts changes of tables that nobody asked for, so that the cursor is right', () => {
    const { store } = fresh();
    expect(store.apply([{ ...put(5, 'x', {}), entity: 'parts' }])).toHaveLength(1);
    expect(store.cursor).toBe(5);
  });

  it('lets a merge refuse a row', () => {
    const store = new StreamStore();
    const rows = store.table<Row>('tickets', (before) => before);
    store.apply([put(1, 't1', { status: 'new' })]);
    expect(rows.size).toBe(0);
  });

  it('replaces what a table held when it is loaded', () => {
    const { store, rows } = fresh();
    store.load('tickets', [{ id: 'old', status: 'new' }], (row) => row.id);
    store.load('tickets', [{ id: 't1', status: 'new' }], (row) => row.id);
    expect([...rows.keys()]).toEqual(['t1']);
  });

  it('does not lose a change that came while an older answer was on its way', () => {
    const { store, rows } = fresh();
    store.beginReading();
    store.apply([put(106, 't1', { status: 'working' })]);
    store.load('tickets', [{ id: 't1', status: 'accepted' }], (row) => row.id);
    store.endReading();
    expect(rows.get('t1')?.status).toBe('working');
  });

  it('does not let a deleted row come back with an answer from before', () => {
    const { store, rows } = fresh();
    store.beginReading();
    store.apply([gone(106, 't1')]);
    store.load('tickets', [{ id: 't1', status: 'accepted' }], (row) => row.id);
    store.endReading();
    expect(rows.size).toBe(0);
  });

  it('repeats nothing from before the reading', () => {
    const { store, rows } = fresh();
    store.apply([put(1, 't1', { status: 'new' })]);
    store.beginReading();
    store.load('tickets', [{ id: 't1', status: 'assigned' }], (row) => row.id);
    store.endReading();
    expect(rows.get('t1')?.status).toBe('assigned');
  });

  it('takes smaller numbers again after a reset', () => {
    const { store, rows } = fresh();
    store.apply([put(900, 't1', { status: 'working' })]);
    store.reset(3);
    expect(store.apply([put(4, 't1', { status: 'new' })])).toHaveLength(1);
    expect(rows.get('t1')?.status).toBe('new');
  });
});
