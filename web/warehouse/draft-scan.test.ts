import { describe, expect, it } from 'vitest';
import type { Part, StockLocation } from '$shared/api/types';
import { scanInto } from './draft-scan';
import { emptyDraft, type Draft } from './movement';
import type { Scan } from './scan/lookup';

const part = (id: string, more: Partial<Part> = {}) => ({ id, number: id, decimals: 0, tracking: 'none', ...more }) as Part;
const place = (id: string, kind = 'depot', engineer_id: string | null = null) => ({ id, code: id, kind, engineer_id }) as StockLocation;
const places = [place('EAST'), place('WEST'), place('V1', 'van', 'e1'), place('SUP', 'supplier')];
const of = (one: Part, more: { serial?: string; lot?: string; expires?: string; count?: number } = {}): Scan => ({ kind: 'part', part: one, serial: more.serial ?? null, lot: more.lot ?? null, expires: more.expires ?? null, count: more.count ?? null, shown: one.id });
const at = (id: string): Scan => ({ kind: 'place', place: places.find((one) => one.id === id) ?? place(id), shown: id });
const text = (shown: string, doubtful = false): Scan => ({ kind: 'text', shown, doubtful });
const badge = (id: string): Scan => ({ kind: 'person', person: { id, code: id, name: '' }, shown: id });
const all = (kind: Draft['kind'], ...scans: Scan[]) => scans.reduce((step, scan) => scanInto(step.draft, scan, places), { draft: emptyDraft(kind), wrong: null } as ReturnType<typeof scanInto>);

const belt = part('BELT');
const encoder = part('ENC', { tracking: 'serial' });
const lining = part('LINING', { tracking: 'lot' });

describe('scans into a movement', () => {
  it('count up the part and name its place', () => {
    expect(all('receive', of(belt), of(belt), of(belt, { count: 10 }), at('EAST')).draft).toMatchObject({ part: belt, typed: '12', to: 'EAST' });
  });

  it('of a transfer name from where, then where to', () => {
    expect(all('transfer', at('EAST'), at('WEST'), of(belt)).draft).toMatchObject({ from: 'EAST', to: 'WEST', typed: '1' });
    expect(all('transfer', at('EAST'), at('EAST')).draft).toMatchObject({ from: 'EAST', to: '' });
  });

  it('of a badge mean his van', () => {
    expect(all('receive', badge('e1')).draft.to).toBe('V1');
    expect(all('receive', badge('e9')).wrong).toBe('no_van');
  });

  it('name each piece once', () => {
    const step = all('receive', of(encoder), text('SN1'), of(encoder, { serial: 'SN2' }));
    expect(step.draft).toMatchObject({ serials: ['SN1', 'SN2'], typed: '2' });
    expect(scanInto(step.draft, text('sn1'), places)).toMatchObject({ wrong: 'serial_twice', draft: { serials: ['SN1', 'SN2'] } });
  });

  it('name the lot, from the part’s label or from its own', () => {
    expect(all('receive', of(lining, { lot: 'L7' })).draft).toMatchObject({ lot: 'L7', typed: '1' });
    expect(all('receive', of(lining), text('L8')).draft.lot).toBe('L8');
    expect(all('receive', of(lining, { lot: 'L7', expires: '2027-05-31' }), of(lining, { lot: 'l7' })).draft).toMatchObject({ expires: '2027-05-31', typed: '2' });
    expect(all('receive', of(lining, { lot: 'L7' }), of(lining, { lot: 'L8' }))).toMatchObject({ wrong: 'other_lot', draft: { lot: 'L7', typed: '1' } });
  });

  it('do not count what is poured', () => expect(all('receive', of(part('OIL', { decimals: 1 }))).draft.typed).toBe(''));

  it('change the part as long as nothing of the first is counted', () => {
    expect(all('receive', of(encoder), of(belt)).draft.part).toBe(belt);
    expect(all('receive', of(belt), of(encoder))).toMatchObject({ wrong: 'finish_first', draft: { part: belt, typed: '1' } });
  });

  it.each<[string, Scan, string]>([['half a code', { kind: 'half', shown: 'BE' }, 'half'], ['an unknown one', text('?'), 'unknown'], ['an EAN with a wrong digit', text('4006381333932', true), 'half'], ['an outside place', at('SUP'), 'no_stock_there']])('refuse %s', (_, scan, wrong) => {
    expect(all('receive', of(belt), scan)).toMatchObject({ wrong, draft: { typed: '1', to: '' } });
  });
});
