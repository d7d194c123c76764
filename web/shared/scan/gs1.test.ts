import { describe, expect, it } from 'vitest';
import { checkDigitFits, GS, gtinOf, read, type Code } from './gs1';

const GTIN = '09506000134352';
const code = (raw: string): Code => {
  const reading = read(raw);
  if (reading.kind !== 'code') throw new Error(`half a code: ${raw}`);
  return reading.code;
};

describe('a trade item number', () => {
  it.each(['4006381333931', '036000291452', '96385074', GTIN])('%s has a right check digit', (digits) => expect(checkDigitFits(digits)).toBe(true));
  it.each(['4006381333932', '036000291453', '96385075'])('%s has a wrong one', (digits) => expect(gtinOf(digits)).toBeNull());

  it('is the same as UPC-A, as EAN-13 and with all fourteen digits', () => {
    expect(new Set(['036000291452', '0036000291452', '00036000291452'].map(gtinOf))).toEqual(new Set(['00036000291452']));
  });

  it('is no number of another length', () => expect([gtinOf('123'), gtinOf('12345678901'), gtinOf('DR-110')]).toEqual([null, null, null]));
});

describe('a GS1 element string', () => {
  it.each([
    ['GS1-128', `]C101${GTIN}10LOT7${GS}21SN-1`], ['Data Matrix', `]d201${GTIN}10LOT7${GS}21SN-1`], ['QR', `]Q301${GTIN}10LOT7${GS}21SN-1`],
    ['a scanner that says no symbology', `01${GTIN}10LOT7${GS}21SN-1`], ['one that sends the first FNC1 as well', `${GS}01${GTIN}10LOT7${GS}21SN-1`], ['one that sends it last', `]C101${GTIN}10LOT7${GS}21SN-1${GS}`],
    ['the text below the bars', `(01)${GTIN}(10)LOT7(21)SN-1`],
  ])('is read from %s', (_, raw) => {
    expect(code(raw)).toMatchObject({ gtin: GTIN, lot: 'LOT7', serial: 'SN-1' });
  });

  it('names the last day on which it may be used', () => {
    expect(code(`]C101${GTIN}1727053110LOT7`)).toMatchObject({ lot: 'LOT7', expires: '2027-05-31' });
    expect(code('(17)280200(10)L')).toMatchObject({ expires: '2028-02-29' });
    expect(code(`]C101${GTIN}`).expires).toBeNull();
  });

  it('names a part by its own number too, and how many are in the box', () => {
    expect(code(`]C1240DR-110${GS}3012`)).toMatchObject({ names: ['DR-110'], count: 12, gtin: null });
    expect(code(`]C101${GTIN}240DR-110`).names).toEqual(['DR-110', GTIN]);
  });

  it.each([
    ['in the middle of the trade item', ']C1010950600013'], ['without a value', ']d221'], ['with no element at all', ']C1'], ['with a wrong check digit', `]C1${'01'}09506000134353`],
    ['with nothing known', ']C1zz'],
  ])('that ends %s is half a code', (_, raw) => expect(read(raw).kind).toBe('half'));

  it('shows its separators as blanks', () => expect(code(`]C110AB${GS}21X`).shown).toBe('10AB 21X'));
});

describe('a plain code', () => {
  it.each([['DR-110', 'DR-110'], [']C0DR-110', 'DR-110'], [']Q1D-EAST', 'D-EAST'], ['  E-01 ', 'E-01']])('%s says %s', (raw, says) => {
    expect(code(raw)).toMatchObject({ names: [says], serial: null, lot: null, expires: null, count: null });
  });

  it('that begins like a trade item and is none stays as it is', () => expect(code('0112345').names).toEqual(['0112345']));
  it('of nothing is half', () => expect(read('  ').kind).toBe('half'));
  it('of a retail symbology is checked', () => expect([read(']E04006381333932').kind, read(']E04006381333931').kind]).toEqual(['half', 'code']));
});
