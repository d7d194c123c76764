import { describe, expect, it } from 'vitest';
import type { Part, StockLocation } from '$shared/api/types';
import { resolve, resolveBurst, type Known, type Scan } from './lookup';

const part = (number: string, tracking = 'none') => ({ id: number, number, tracking }) as Part;
const place = (code: string) => ({ id: code, code }) as StockLocation;
const known: Known = { parts: [part('DR-110'), part('DR-110-X'), part('036000291452'), part('EN-512', 'serial')], places: [place('D-EAST'), place('D-EAST-A1')], people: [{ id: 'e1', code: 'E-01', name: 'Maria' }] };
const what = (scan: Scan) => [scan.kind, scan.kind === 'part' ? scan.part.number : scan.kind === 'place' ? scan.place.code : scan.kind === 'person' ? scan.person.code : scan.shown];

describe('a scanned code', () => {
  it.each([
    ['DR-110', 'part', 'DR-110'], ['dr-110', 'part', 'DR-110'], ['D-EAST', 'place', 'D-EAST'], ['D-EAST-A1', 'place', 'D-EAST-A1'], ['E-01', 'person', 'E-01'], [']C0E-01', 'person', 'E-01'],
    ['0036000291452', 'part', '036000291452'], [']C10100036000291452', 'part', '036000291452'], [']C1240DR-110', 'part', 'DR-110'], ['SN-77812', 'text', 'SN-77812'],
    ['DR-1', 'half', 'DR-1'], ['EAST-A1', 'half', 'EAST-A1'], ['-110', 'half', '-110'], ['D', 'half', 'D'],
  ])('%s is a %s', (raw, kind, shown) => expect(what(resolve(raw, known))).toEqual([kind, shown]));

  it('has the piece, the lot and the count of its label', () => {
    expect(resolve(']d20100036000291452' + '3012', known)).toMatchObject({ kind: 'part', count: 12 });
    expect(resolve(']C1240EN-512\u001d21SN9', known)).toMatchObject({ kind: 'part', serial: 'SN9' });
    expect(resolve(']C121SN9', known)).toEqual({ kind: 'text', shown: 'SN9', doubtful: false });
  });

  it('that looks like an EAN with a wrong digit is doubtful', () => {
    expect(resolve('4006381333932', known)).toMatchObject({ kind: 'text', doubtful: true });
    expect(resolve('4006381333931', known)).toMatchObject({ kind: 'text', doubtful: false });
  });
});

describe('a burst of keys', () => {
  it('is what the letters say where that is known', () => expect(what(resolveBurst({ typed: 'DR-110', physical: 'nonsense' }, known))).toEqual(['part', 'DR-110']));
  it('else what the keys say', () => expect(what(resolveBurst({ typed: 'DRß110', physical: 'DR-110' }, known))).toEqual(['part', 'DR-110']));
  it('else it is shown as the letters say', () => expect(what(resolveBurst({ typed: 'SNß1', physical: 'SN-1' }, known))).toEqual(['text', 'SNß1']));
  it('of an input method that hides the letters is what the keys say', () => expect(what(resolveBurst({ typed: '', physical: 'SN-1' }, known))).toEqual(['text', 'SN-1']));
});
