import { describe, expect, it } from 'vitest';
import { asked, bounds, changed } from './span';

describe('the time asked for', () => {
  const noon = new Date(2026, 10, 23, 12).getTime();

  it('is whole days, today with them', () => {
    expect(bounds('today', noon)).toEqual({ from: new Date(2026, 10, 23).getTime(), until: new Date(2026, 10, 24).getTime() });
    expect(bounds('week', noon).from).toBe(new Date(2026, 10, 17).getTime());
    expect(bounds('year', noon).from).toBe(new Date(2025, 10, 24).getTime());
  });

  it('begins and ends at midnight where the clock is changed', () => {
    const { from, until } = bounds('month', new Date(2026, 3, 5, 12).getTime());
    expect([new Date(from).getHours(), new Date(until).getHours()]).toEqual([0, 0]);
  });
});

describe('the address', () => {
  it('tells the time, the filters and what is opened', () => {
    const query = new URLSearchParams('span=quarter&kind=repair&symptom=&figure=missed');
    expect(asked(query)).toEqual({ span: 'quarter', step: 'week', filters: { kind: 'repair', symptom: '' }, figure: 'missed' });
  });

  it('that makes no sense is the last week by days', () => {
    expect(asked(new URLSearchParams('span=decade&step=hour'))).toEqual({ span: 'week', step: 'day', filters: {}, figure: null });
  });

  it('changes in what is asked and keeps the rest', () => {
    const query = new URLSearchParams('span=month&figure=done');
    expect(changed(query, { figure: null, kind: 'repair' }).toString()).toBe('span=month&kind=repair');
    expect(query.get('figure')).toBe('done');
  });
});
