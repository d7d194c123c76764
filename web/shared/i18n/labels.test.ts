import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import * as labels from './labels';
import { locale } from './locale.svelte';

const api = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url).pathname, 'utf8')) as { components: { schemas: Record<string, { enum?: string[] }> } };
const codes = (schema: string) => api.components.schemas[schema]?.enum ?? [];
const languages = ['en', 'zh-CN'] as const;
afterEach(() => locale.set('en'));

describe('the closed lists of the API', () => {
  it.each([
    ['TicketStatus', labels.statusLabel], ['TicketStatus', labels.phaseLabel], ['Role', labels.roleLabel], ['ReservationStatus', labels.reservationLabel],
    ['MovementKind', labels.movementLabel], ['EventKind', labels.eventLabel], ['CountStatus', labels.countLabel], ['ReturnStatus', labels.returnLabel], ['Grade', labels.gradeLabel],
  ])('%s has words for each of its codes in both languages', (schema, label) => {
    expect(codes(schema).length).toBeGreaterThan(3);
    for (const language of languages) {
      locale.set(language);
      expect(codes(schema).filter((code) => label(code) === code || label(code) === '')).toEqual([]);
    }
  });

  it('shows a code that a newer server sends, rather than nothing', () => {
    expect([labels.statusLabel('teleporting'), labels.roleLabel(null), labels.priorityLabel(9)]).toEqual(['teleporting', '', '9']);
  });
});

describe('words of the organisation’s own', () => {
  it.each([
    [labels.levelLabel, 'GOLD', 'Gold', '金牌'], [labels.assetKindLabel, 'Passenger Elevator', 'Passenger lift', '乘客电梯'],
    [labels.unitLabel, 'pcs', 'pcs', '件'], [labels.unitLabel, 'L', 'L', '升'], [labels.symptomLabel, 'CALLBACK/REPAIR', 'Out of order', '停梯报修'],
  ])('are translated where they are usual', (label, code, en, zh) => {
    expect(label(code)).toBe(en);
    locale.set('zh-CN');
    expect(label(code)).toBe(zh);
  });

  it('stay as they were said where they are not', () => {
    locale.set('zh-CN');
    expect(labels.symptomLabel('门关不上，一直响')).toBe('门关不上，一直响');
    expect(labels.unitLabel('barrel')).toBe('barrel');
    expect(labels.levelLabel(undefined)).toBe('');
  });

  it('store the code whichever language they were chosen in', () => {
    for (const language of languages) {
      locale.set(language);
      const stored = labels.assetKindCodes.suggestions().map(labels.assetKindCodes.stored);
      expect(stored).toEqual(['Passenger Elevator', 'Freight', 'Escalator', 'Dumbwaiter', 'Sidewalk', 'Manlift', 'Handicap Lift', 'Public Elevator']);
      expect(labels.levelCodes.stored('Strategic')).toBe('Strategic');
    }
  });

  it('prefer the Chinese name of a part where there is one', () => {
    const belt = { name: 'Belt', name_zh: '皮带' };
    expect(labels.named(belt)).toBe('Belt');
    locale.set('zh-CN');
    expect([labels.named(belt), labels.named({ name: 'Oil', name_zh: '' }), labels.named({ name: 'Oil' })]).toEqual(['皮带', 'Oil', 'Oil']);
  });
});
