import { describe, expect, it } from 'vitest';
import { faultsOf, newSwap, numberOn, trackingOf, usageOf, type Swap } from './swap';

const swap = (more: Partial<Swap> = {}): Swap => ({ ...newSwap(), ...more });

describe('what a label says', () => {
  const GTIN = '0109506000134352';
  it.each([
    ['S-1', 'serial', 'S-1'], [`]d2${GTIN}21S-1`, 'serial', 'S-1'], [`]C1${GTIN}10L7`, 'lot', 'L7'], [`${GTIN}10L7\u001d21S-1`, 'lot', 'L7'], [`${GTIN}10L7\u001d21S-1`, 'serial', 'S-1'], [' a1 ', 'none', 'a1'],
  ] as const)('%j of a part that is followed by %s is %s', (raw, tracking, number) => expect(numberOn(raw, tracking).number).toBe(number));

  it('has the last day of a lot, where it says one', () => {
    expect(numberOn(`]d2${GTIN}1727053110L7`, 'lot')).toEqual({ number: 'L7', expires: '2027-05-31' });
    expect(numberOn('L7', 'lot').expires).toBe('');
  });
});

describe('a swap of a part with serial numbers', () => {
  it('needs both numbers, or the word that there are none', () => {
    expect(faultsOf(swap(), 'serial')).toEqual({ serial: 'required', removed: 'required' });
    expect(faultsOf(swap({ serial: 'N', removed: 'O' }), 'serial')).toEqual({});
    expect(faultsOf(swap({ unreadable: true, nothingOut: true }), 'serial')).toEqual({});
  });

  it('is of two pieces, not of one', () => {
    expect(faultsOf(swap({ serial: 'S-1', removed: ' s-1 ' }), 'serial')).toEqual({ removed: 'same' });
  });

  it('is told piece by piece, with both numbers', () => {
    expect(usageOf(swap({ serial: ' N ', removed: 'O' }), 'serial', 3)).toEqual({ quantity: 1, outcome: 'used', serial: 'N', removed_serial: 'O' });
    expect(usageOf(swap({ serial: 'N', unreadable: true, removed: 'O', nothingOut: true }), 'serial', 1)).toEqual({ quantity: 1, outcome: 'used' });
  });
});

describe('another part', () => {
  it.each(['lot', 'none'] as const)('that is followed by %s needs no number, and takes what it is given', (tracking) => {
    expect(faultsOf(swap(), tracking)).toEqual({});
    expect(usageOf(swap(), tracking, 4)).toEqual({ quantity: 4, outcome: 'used' });
    expect(usageOf(swap({ serial: 'L7', removed: 'O-1' }), tracking, 4)).toEqual({ quantity: 4, outcome: 'used', serial: 'L7', removed_serial: 'O-1' });
  });
});

it('how a part is followed is what the server said, and nothing where it said nothing', () => {
  expect((['serial', 'lot', 'weight', null] as const).map((tracking) => trackingOf(tracking ? { tracking } : {}))).toEqual(['serial', 'lot', 'none', 'none']);
  expect(trackingOf(undefined)).toBe('none');
});
