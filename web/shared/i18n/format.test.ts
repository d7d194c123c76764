import { describe, expect, it } from 'vitest';
import * as f from './format';

const MIN = 60_000;
const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ');

describe('duration', () => {
  it.each([
    [0, '0m', '0分钟'],
    [59_999, '0m', '0分钟'],
    [MIN, '1m', '1分钟'],
    [59 * MIN, '59m', '59分钟'],
    [60 * MIN, '1h', '1小时'],
    [185 * MIN, '3h 5m', '3小时 5分钟'],
    [24 * 60 * MIN, '1d', '1天'],
    [(24 * 60 + 130) * MIN, '1d 2h', '1天 2小时'],
  ])('%d ms is %s and %s', (ms, en, zh) => {
    expect(plain(f.duration('en', ms))).toBe(en);
    expect(plain(f.duration('zh-CN', ms))).toBe(zh);
  });

  it('says how late something is without a sign', () => {
    expect(f.duration('en', -5 * MIN)).toBe('5m');
  });
});

describe('numbers', () => {
  it('signs minutes with a real minus', () => {
    expect(f.signedMinutes('en', 6)).toBe('+6');
    expect(f.signedMinutes('en', -3.54)).toBe('−3.5');
    expect(f.signedMinutes('en', 0)).toBe('0');
  });

  it('turns metres into kilometres from one kilometre on', () => {
    expect(plain(f.distance('en', 999))).toBe('999 m');
    expect(plain(f.distance('en', 1_240))).toBe('1.2 km');
    expect(f.distance('zh-CN', 1_240)).toContain('1.2');
  });

  it('scales a quantity by the part’s decimals', () => {
    expect(f.quantity('en', 1_250, 2)).toBe('12.5');
    expect(f.quantity('en', 3, 0)).toBe('3');
    expect(f.quantity('en', 1_234_500, 2)).toBe('12,345');
  });

  it.each([
    ['12.5', 2, 1_250],
    ['12,5', 2, 1_250],
    [' 3 ', 0, 3],
    ['0.1', 1, 1],
    ['0.29', 2, 29],
  ])('reads %s with %d decimals as %d', (typed, decimals, scaled) => {
    expect(f.parseQuantity(typed, decimals)).toBe(scaled);
  });

  it.each([['1.25', 1], ['1.5', 0], ['', 0], ['-1', 0], ['1e3', 0], ['abc', 2], ['1.2.3', 2]])('refuses %s with %d decimals', (typed, decimals) => {
    expect(f.parseQuantity(typed, decimals)).toBeNull();
  });
});

describe('a quantity in an input', () => {
  it.each([
    [0, 0, '0'], [0, 2, '0'], [7, 0, '7'], [5, 2, '0.05'], [50, 2, '0.5'], [1_250, 2, '12.5'], [1_234_500, 2, '12345'], [-15, 1, '-1.5'],
    [4_503_599_627_370_495, 6, '4503599627.370495'],
  ])('%d with %d decimals is %s', (scaled, decimals, typed) => {
    expect(f.plainQuantity(scaled, decimals)).toBe(typed);
  });

  it('is read as what it was', () => {
    for (const scaled of [0, 1, 10, 99, 100, 123_456_789]) {
      for (const decimals of [0, 1, 3, 6]) expect(f.parseQuantity(f.plainQuantity(scaled, decimals), decimals)).toBe(scaled);
    }
  });
});

describe('money', () => {
  it.each([
    ['en', 12_500_000, 'USD', '$12.50'], ['en', 1_234_567_000_000, 'USD', '$1,234,567.00'], ['en', 125_000, 'USD', '$0.125'],
    ['en', 0, 'EUR', '€0.00'], ['zh-CN', 12_500_000, 'CNY', '¥12.50'], ['zh-CN', 12_500_000, 'USD', 'US$12.50'],
  ] as const)('in %s %d millionths of %s are %s', (locale, micros, currency, text) => {
    expect(plain(f.money(locale, micros, currency))).toBe(text);
  });

  it('of a currency that is none is still shown', () => {
    expect(f.money('en', 2_500_000, 'coin')).toBe('2.5 coin');
    expect(f.money('en', 2_500_000, '')).toBe('2.5');
  });
});

describe('times', () => {
  const at = new Date(2026, 10, 22, 14, 5).getTime();

  it('shows the hours of a day as 00 to 23 in both languages', () => {
    expect(f.clockTime('en', at)).toBe('14:05');
    expect(f.clockTime('zh-CN', new Date(2026, 10, 22, 0, 7).getTime())).toBe('00:07');
  });

  it('names the year only when it is another one', () => {
    expect(f.dateTime('en', at, at)).not.toContain('2026');
    expect(f.dateTime('en', at, new Date(2027, 0, 1).getTime())).toContain('2026');
  });

  it('names the day only when it is another one', () => {
    const late = new Date(2026, 10, 22, 23, 59).getTime();
    const early = new Date(2026, 10, 23, 0, 5).getTime();
    expect([f.dayTime('en', late, at), f.dayTime('en', early, late), f.dayTime('zh-CN', early, late)]).toEqual(['23:59', 'Nov 23, 00:05', '11月23日 00:05']);
  });

  it('writes a day of the calendar as it is, wherever the reader is', () => {
    expect(f.calendarDay('en', '2027-05-31')).toBe('May 31, 2027');
    expect(f.calendarDay('zh-CN', '2027-05-31')).toBe('2027年5月31日');
    expect(f.calendarDay('en', 'soon')).toBe('soon');
  });

  it('writes dates as the language does', () => {
    expect(f.dateOnly('zh-CN', at)).toContain('11月22日');
  });

  it('survives the way to an input and back', () => {
    expect(f.fromLocalInput(f.toLocalInput(at))).toBe(at);
    expect(f.toLocalInput(null)).toBe('');
    expect(f.fromLocalInput('')).toBeNull();
    expect(f.fromLocalInput('tomorrow')).toBeNull();
  });

  it.each([
    ['en', -30_000, 'just now'], ['en', -5 * 60_000, '5 min. ago'], ['en', 5 * 60_000, 'in 5 min.'], ['en', -3 * 3_600_000, '3 hr. ago'], ['en', -49 * 3_600_000, '2 days ago'],
    ['zh-CN', -5 * 60_000, '5分钟前'], ['zh-CN', 26 * 3_600_000, '1天后'],
  ] as const)('in %s %d ms away is "%s"', (locale, ms, words) => {
    expect(f.ago(locale, ms, 'just now').replace(/\s/g, ' ')).toBe(words);
  });

  it('names a zone by its city and what it is ahead', () => {
    const winter = Date.UTC(2026, 10, 22);
    expect(f.zoneName('en', winter, 'America/New_York')).toBe('New York, UTC−5');
    expect(f.zoneName('en', Date.UTC(2026, 6, 1), 'America/New_York')).toBe('New York, UTC−4');
    expect(f.zoneName('en', winter, 'Asia/Shanghai')).toBe('Shanghai, UTC+8');
    expect(f.zoneName('en', winter, 'UTC')).toBe('UTC');
  });

  it('tells the time at a place only where it is another one', () => {
    const winter = Date.UTC(2026, 10, 22, 12);
    expect(f.timeThere('en', winter, 'Asia/Shanghai', 'America/New_York')).toContain('20:00');
    expect(f.timeThere('en', winter, 'America/Toronto', 'America/New_York')).toBeNull();
    expect(f.timeThere('en', winter, '', 'America/New_York')).toBeNull();
    expect(f.timeThere('en', winter, 'Atlantis/Capital', 'America/New_York')).toBeNull();
  });

  it('leaves nothing to guess in the exact time', () => {
    expect(f.exactTime('en', at)).toMatch(/2026.*\d\d:\d\d:\d\d/);
  });
});
