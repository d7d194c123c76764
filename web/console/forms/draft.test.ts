import { describe, expect, it } from 'vitest';
import { bring, callerIs, emptyDraft, type Brought } from './draft';

const motor: Brought = { priority: 1, expectedMinutes: 90, title: 'Door motor', skills: [{ skill: 'lift', level: 2 }], parts: [{ part_id: 'p', name: 'Motor', quantity: '1' }] };
const fault: Brought = { priority: 3, expectedMinutes: null, title: 'IT fault', skills: [], parts: [] };
const shown = ({ priority, expectedMinutes, title, skills, parts }: Brought): Brought => ({ priority, expectedMinutes, title, skills, parts });

describe('what a template brings along', () => {
  it('gives way to what another one brings, and to nothing', () => {
    const draft = emptyDraft();
    bring(draft, null, motor);
    expect(shown(draft)).toEqual(motor);
    bring(draft, motor, fault);
    expect(shown(draft)).toEqual(fault);
    bring(draft, fault, null);
    expect(draft).toEqual(emptyDraft());
  });

  it('leaves alone what somebody has written', () => {
    const draft = { ...emptyDraft(), title: 'It smells' };
    bring(draft, null, motor);
    draft.expectedMinutes = 30;
    bring(draft, motor, fault);
    expect(shown(draft)).toEqual({ ...fault, title: 'It smells', expectedMinutes: 30 });
  });
});

describe('who calls', () => {
  it('is whom one asks there, until another one calls', () => {
    const draft = emptyDraft();
    callerIs(draft, '', '2125550199');
    expect(draft.siteContact).toBe('2125550199');
    callerIs(draft, '2125550199', '2125550100');
    expect(draft.siteContact).toBe('2125550100');
    callerIs(draft, '2125550100', '');
    expect(draft.siteContact).toBe('');
  });

  it('does not stand in for whom somebody wrote down', () => {
    const draft = { ...emptyDraft(), siteContact: 'Mrs Li, porter' };
    callerIs(draft, '', '2125550199');
    callerIs(draft, '2125550199', '2125550100');
    expect(draft.siteContact).toBe('Mrs Li, porter');
  });
});
