import '../../test/globals';
import { describe, expect, it } from 'vitest';
import type { VisitTicket } from '../view';
import { faultsOf, newFinish, noteOf, ticketOf, type Finish } from './finish';

const ticket = { id: 'T1', doc: { id: 'T1', number: 7, kind: 'inspection', site_id: 'S1', asset_id: 'A1' } } as unknown as VisitTicket;
const finish = (more: Partial<Finish> = {}): Finish => ({ solved: 'yes', done: 'Rollers changed', followUp: 'none', about: '', ...more });

describe('the three questions', () => {
  it('are all to be answered', () => {
    expect(faultsOf(newFinish())).toEqual(['solved', 'done', 'followUp']);
    expect(faultsOf(finish())).toEqual([]);
  });

  it('ask what a follow-up is about, and only then', () => {
    expect(faultsOf(finish({ followUp: 'visit', about: ' ' }))).toEqual(['about']);
    expect(faultsOf(finish({ followUp: 'visit', about: 'Fit the rope' }))).toEqual([]);
  });

  it('become a note', () => {
    expect(noteOf(finish({ solved: 'partly' }))).toBe('1. Is it solved? Partly\nRollers changed');
  });
});

describe('a follow-up', () => {
  it('is a ticket for the same device, another thing one for the site, and neither says whose it is', () => {
    expect(ticketOf(finish({ followUp: 'visit', about: 'Fit the rope' }), ticket)).toEqual({ asset_id: 'A1', title: 'Follow-up of #7: Fit the rope', kind: 'inspection', description: 'Made on site during #7.' });
    expect(ticketOf(finish({ followUp: 'other', about: 'Light is out' }), ticket)).toMatchObject({ site_id: 'S1', title: 'Light is out' });
  });

  it('is none where none is needed, or nobody knows the place', () => {
    expect(ticketOf(finish(), ticket)).toBeNull();
    expect(ticketOf(finish({ followUp: 'visit', about: 'x' }), { ...ticket, doc: { id: 'T1' } })).toBeNull();
  });
});
