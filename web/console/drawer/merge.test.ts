import { describe, expect, it } from 'vitest';
import { ticket } from '../../test/samples';
import { changesOf } from './history';
import { anyNear, mergeable, mergeTargets } from './merge';

const names = { engineer: () => '', part: () => null };

describe('into what a duplicate may be merged', () => {
  const own = ticket({ id: 't1', number: 10, asset_id: 'a', site_id: 's' });
  const all = [
    own, ticket({ id: 'far', number: 14, asset_id: 'z', site_id: 'z', address: 'Far St' }), ticket({ id: 'site', number: 12, asset_id: 'b', site_id: 's' }),
    ticket({ id: 'same', number: 9, asset_id: 'a', site_id: 's' }), ticket({ id: 'over', number: 8, asset_id: 'a', status: 'closed' }),
  ];

  it('is offered by nearness, without itself and what is over', () => {
    expect(mergeTargets(all, own, '').map((one) => one.id)).toEqual(['same', 'site', 'far']);
  });

  it('is said to be near only where something is', () => {
    expect([anyNear(all, own), anyNear(all.slice(0, 2), own), anyNear([own], own)]).toEqual([true, false, false]);
  });

  it('is found by number, with or without its sign, and by address', () => {
    expect(mergeTargets(all, own, '#14').map((one) => one.id)).toEqual(['far']);
    expect(mergeTargets(all, own, 'far st').map((one) => one.id)).toEqual(['far']);
  });

  it('is not asked once the engineer has set out', () => {
    expect((['new', 'accepted', 'travelling', 'working', 'closed'] as const).map((status) => mergeable({ status }))).toEqual([true, true, false, false, false]);
  });

  it('is told in the history in the reader’s language', () => {
    const entry = { seq: 1, at: 0, actor: 'dora', entity: 'ticket_events', row_id: 'r', op: 'put', changed: { reason: [null, 'Duplicate of 1042'] } };
    expect(changesOf(entry as never, names)[0]?.after).toBe('Duplicate of #1042');
  });
});
