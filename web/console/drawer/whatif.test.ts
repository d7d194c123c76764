import { afterEach, describe, expect, it } from 'vitest';
import type { WhatIf } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { changeText, goalText, type Names } from './whatif';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = new Date(2026, 10, 22, 14, 5).getTime();
const names: Names = {
  skill: (code) => ({ LIFT_B: locale.current === 'en' ? 'Hydraulic lift' : '液压电梯' })[code] ?? code,
  part: (id) => (id === 'p1' ? { name: 'Door roller', decimals: 0 } : id === 'oil' ? { name: 'Oil', decimals: 1 } : null),
  place: (id) => (id === 'east' ? 'D-EAST' : ''),
};
const said = (change: WhatIf['change']) => changeText({ change, sentence: 'as the server says it' }, names).replace(/[\u202f\u00a0]/g, ' ');
const certificate = { skill: 'LIFT_B', number: 'NY-7' };
afterEach(() => locale.set('en'));

/** Every kind of change of the closed list, with what is said of it in both languages. */
const cases: [WhatIf['change'], string, string][] = [
  [{ change: 'freed_earlier', minutes: 25 }, 'free 25m earlier', '提前25分钟空出'],
  [{ change: 'nearer', metres: 431 }, '431 m nearer', '离现场再近 431米'],
  [{ change: 'capacity_raised', minutes: 95 }, 'allowed 1h 35m more work in hand', '在手工作上限提高1小时 35分钟'],
  [{ change: 'certified', skill: 'LIFT_B', level: 2 }, 'certified for Hydraulic lift, level 2', '取得液压电梯 2 级证书'],
  [{ change: 'certificate_level', ...certificate, level: 3 }, 'certificate NY-7 (Hydraulic lift) raised to level 3', '证书 NY-7（液压电梯）升至 3 级'],
  [
    { change: 'certificate_until', ...certificate, valid_until: at, longer_ms: 3 * DAY },
    'certificate NY-7 (Hydraulic lift) valid until Nov 22, 14:05: 3d longer', '证书 NY-7（液压电梯）有效期至11月22日 14:05，延长3天',
  ],
  [
    { change: 'certificate_from', ...certificate, valid_from: at, earlier_ms: 2 * HOUR },
    'certificate NY-7 (Hydraulic lift) valid from Nov 22, 14:05: 2h earlier', '证书 NY-7（液压电梯）自11月22日 14:05起生效，提前2小时',
  ],
  [{ change: 'window_until', latest_at: at, later_ms: 45 * MINUTE }, 'the visit may begin until Nov 22, 14:05: 45m later', '最迟可到11月22日 14:05上门，推后45分钟'],
  [
    { change: 'reach_raised', max_distance_m: 12_000, farther_m: 800 },
    'people are sent up to 12 km: 800 m farther', '派单距离上限放宽到 12公里，增加 800米',
  ],
  [{ change: 'part_on_van', part_id: 'p1', quantity: 2 }, '2 more of Door roller on the van', '车载库增加Door roller × 2'],
  [{ change: 'part_at_depot', part_id: 'oil', location_id: 'east', quantity: 15 }, '1.5 more of Oil at D-EAST', 'D-EAST 增加Oil × 1.5'],
];

/** The year is said only where it is another one than now; the page's clock stands at the beginning of time here. */
const withoutYear = (text: string) => text.replace('Nov 22, 2026', 'Nov 22').replace('2026年', '');

describe('what would have to be different', () => {
  it.each(cases)('%j is said in both languages, from its data', (change, en, zh) => {
    expect(withoutYear(said(change))).toBe(en);
    locale.set('zh-CN');
    expect(withoutYear(said(change))).toBe(zh);
  });

  it('has words for all eleven kinds', () => {
    expect(new Set(cases.map(([change]) => change.change)).size).toBe(11);
  });

  it('is never less than what is needed: a part of a minute or of a hundred metres counts whole', () => {
    expect(said({ change: 'nearer', metres: 1_201 })).toBe('1.3 km nearer');
    expect(said({ change: 'nearer', metres: 1_200 })).toBe('1.2 km nearer');
    expect(said({ change: 'window_until', latest_at: at + 1, later_ms: 1 })).toContain('14:06');
    expect(said({ change: 'window_until', latest_at: at, later_ms: 1 })).toContain('1m later');
    expect(said({ change: 'certificate_until', ...certificate, valid_until: at + 30_000, longer_ms: 61_000 })).toMatch(/14:06: 2m longer/);
  });

  it('begins a certificate no later than is needed', () => {
    expect(said({ change: 'certificate_from', ...certificate, valid_from: at + 59_000, earlier_ms: 1 })).toContain('14:05');
  });

  it('of a kind that a newer server knows is told in the server’s words', () => {
    expect(said({ change: 'two_engineers' } as unknown as WhatIf['change'])).toBe('as the server says it');
  });

  it('does not fail at a part, a place or a skill that the page has not read', () => {
    expect(said({ change: 'part_at_depot', part_id: 'x', location_id: 'y', quantity: 3 })).toBe('3 more of … at …');
    expect(said({ change: 'certified', skill: 'NEW-1', level: 1 })).toBe('certified for NEW-1, level 1');
  });
});

describe('what it is good for', () => {
  it('is said with the name, in both languages', () => {
    expect(goalText('first', 'Maria')).toBe('Any one of these would put Maria first:');
    expect(goalText('placeable', 'Maria')).toBe('With any one of these Maria could take it:');
    locale.set('zh-CN');
    expect([goalText('first', '李芳'), goalText('placeable', '李芳')]).toEqual(['满足以下任一条件，李芳即可排在首位：', '满足以下任一条件，李芳即可承接：']);
  });
});
