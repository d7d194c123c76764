import { describe, expect, it } from 'vitest';
import { engineer } from '../../test/samples';
import { bodyOf, stateOf, valuesOf, worst } from './certificates';
import { engineerBody, engineerValues } from './engineer-values';

const DAY = 86_400_000;
const c = (skill: string, from: number, until: number | null) => ({ id: 'x', engineer_id: 'e1', skill, level: 2, number: 'N-1', valid_from: from * DAY, valid_until: until === null ? null : until * DAY });

describe('certificates', () => {
  it.each([
    [c('a', 0, null), 'valid'],
    [c('a', 0, 200), 'valid'],
    [c('a', 0, 129), 'ending'],
    [c('a', 0, 100), 'expired'],
    [c('a', 101, 300), 'future'],
  ])('%j is %s', (certificate, state) => {
    expect(stateOf(certificate, 100 * DAY)).toBe(state);
  });

  it('warn of what is expired, unless it was renewed', () => {
    expect(worst([c('a', 0, 50)], 100 * DAY)).toBe('expired');
    expect(worst([c('a', 0, 50), c('a', 50, 300)], 100 * DAY)).toBe('valid');
    expect(worst([c('a', 0, 120), c('b', 0, null)], 100 * DAY)).toBe('ending');
    expect(worst([], 0)).toBe('valid');
  });

  it('hold from the first to the last instant of their days', () => {
    const body = bodyOf({ level: 3, number: ' A-7 ', from: '2026-03-01', until: '2026-03-01' });
    expect(body).toMatchObject({ level: 3, number: 'A-7' });
    expect((body.valid_until ?? 0) - (body.valid_from ?? 0)).toBe(DAY - 1);
    expect(new Date(body.valid_from ?? 0).getHours()).toBe(0);
  });

  it('hold for ever where the end is emptied, and keep it where it is not touched', () => {
    expect(bodyOf({ until: '' })).toEqual({ valid_until: null });
    expect(bodyOf({ level: 2 })).toEqual({ level: 2 });
  });

  it('come back from the form as the dates that they went in with', () => {
    const values = valuesOf({ ...c('a', 0, null), ...(bodyOf({ from: '2026-03-01', until: '2027-02-28' }) as { valid_from: number; valid_until: number }) }, 0);
    expect([values.from, values.until, values.level]).toEqual(['2026-03-01', '2027-02-28', 2]);
    expect(valuesOf(null, new Date('2026-05-04T23:30:00').getTime())).toEqual({ level: 1, number: '', from: '2026-05-04', until: '' });
  });
});

describe('an engineer’s form', () => {
  it('begins with what is known of him', () => {
    expect(engineerValues(engineer({ code: 'E-9', max_load_minutes: 300 }))).toMatchObject({ code: 'E-9', name: 'Maria Lopez', home_latitude: 40.75, max_load_minutes: 300 });
    expect(engineerValues(null)).toMatchObject({ code: '', home_latitude: null });
  });

  it('sends an emptied telephone as empty, and leaves an empty number to the server', () => {
    expect(engineerBody({ phone: ' ', max_load_minutes: null, name: ' Ana ' })).toEqual({ phone: '', name: 'Ana' });
  });
});
