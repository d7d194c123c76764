import '../../test/globals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { draw } from '../../test/render';
import type { ConflictCard } from '../api/types';
import { locale } from '../i18n/text';
import CardList from './CardList.svelte';

const roller = { id: 'p1', number: 'DR-110', name: 'Door roller', name_zh: '门滑轮', unit: 'pcs', decimals: 0 };
const offer = { part: roller, place: { id: 'v1', code: 'V-1', name: 'Van 7', kind: 'van' as const }, on_hand: -2 };
const card = (more: Partial<ConflictCard> = {}): ConflictCard => ({
  id: 'c1', kind: 'negative_stock', status: 'open', ticket_id: 'T1', ticket_number: 1042, engineer_id: 'e1', engineer_name: 'Anna', created_at: 0, resolved_at: null, resolved_by: null,
  entries: [{ collection: 'part_usage', row_id: 'u1', why: '', kept: {}, at: 0 }], counts: [offer], ...more,
});
const drawn = (...cards: ConflictCard[]) => draw(CardList, { cards, busy: false, count: vi.fn(), resolve: vi.fn() });
afterEach(() => locale.set('en'));

describe('what has to be looked at', () => {
  it('is said with its ticket and its engineer, and a balance below zero offers a count', () => {
    const { text, tags } = drawn(card());
    expect(text).toMatch(/A part was used that the books do not know #1042 · Anna · /);
    expect(text).toMatch(/Door roller at Van 7: -2 on paper Count Door roller/);
    expect(tags('button')).toHaveLength(2);
  });

  it('is said in Chinese to who reads Chinese', () => {
    locale.set('zh-CN');
    expect(drawn(card()).text).toMatch(/门滑轮.*盘点 门滑轮.*已处理/);
  });

  it('says why a thing was refused, each reason once', () => {
    const entry = { row_id: 'u1', why: 'bad_quantity', kept: {}, at: 0 };
    expect(drawn(card({ kind: 'rejected', counts: [], entries: [entry, entry] })).text).toContain('2 entries · bad_quantity Done');
  });

  it('says of two values of one field which the office has and which the phone sent', () => {
    const kept = { access_note: { server: 'Ring the porter', device: 'Gate code 4471', why: 'later' as const } };
    const { text } = drawn(card({ kind: 'fields', counts: [], entries: [{ collection: 'tickets', row_id: 'T1', why: 'later', kept, at: 0 }] }));
    expect(text).toContain("1 entries · somebody else's later edit stands access note: Ring the porter here, Gate code 4471 on the phone Done");
  });

  it('is nothing when nothing is open, and what is put away is not put away again', () => {
    expect(drawn().text).toContain('Nothing to look at.');
    expect(drawn(card({ status: 'resolved', counts: [] })).tags('button')).toEqual([]);
  });
});
