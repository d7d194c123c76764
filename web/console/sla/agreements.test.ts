import { describe, expect, it } from 'vitest';
import { draftsOf, faultFields, tableOf } from './table';

describe('internal agreements', () => {
  it('stay in the table that is edited', () => {
    const internal = [{ name: 'The group accepts', until: 'response' as const, within: { amount: 30, unit: 'business_minutes' as const } }];
    const table = { name: 'T', rows: [{ name: 'R', resolution: { amount: 4, unit: 'hours' as const }, internal }, { name: 'S', response: { amount: 1, unit: 'hours' as const } }] };
    expect(tableOf(draftsOf(table))).toEqual(table);
  });

  it('show their faults at their own fields', () => {
    expect(faultFields(1)).toEqual(expect.arrayContaining(['body.rows[0].internal[0].name', 'body.rows[0].internal[9].within.amount']));
  });
});
