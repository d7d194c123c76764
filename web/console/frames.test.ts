import '../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import type { StockBalance } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { draw, snippet } from '../test/render';
import Balances from './catalogue/Balances.svelte';
import Detail from './Detail.svelte';
import Records from './Records.svelte';
import Section from './Section.svelte';

afterEach(() => locale.set('en'));

describe('a record beside its list', () => {
  const detail = (more: object = {}) => draw(Detail, { name: 'Depot East', under: snippet('<i>D-1</i>'), children: snippet('<b>contents</b>'), ...more });

  it('has its name above, what one can do beside it, and its contents below', () => {
    expect(detail({ tools: snippet('<button>Edit</button>') }).text).toBe('Depot East D-1 Edit contents');
    expect(detail().tags('h1')).toHaveLength(1);
  });

  it('says before its contents what no field of it can show', () => {
    const drawn = detail({ faults: ['Somebody has it already.'] });
    expect(drawn.text).toBe('Depot East D-1 Somebody has it already. contents');
    expect(drawn.html).toContain('role="alert"');
    expect(detail().html).not.toContain('role="alert"');
  });
});

describe('a section', () => {
  const section = (more: object = {}) => draw(Section, { title: 'Sites', children: snippet('<b>contents</b>'), ...more });

  it('has a heading, with how many there are', () => {
    expect(section({ count: 1_200 }).text).toBe('Sites 1,200 contents');
    expect(section({ count: 0 }).text).toBe('Sites contents');
  });

  it('says why it is empty instead of drawing nothing, and one can add all the same', () => {
    expect(section({ none: 'No sites yet.', tools: snippet('<button>Add site</button>') }).text).toBe('Sites Add site No sites yet.');
  });

  it('that could not be loaded offers to try again, whatever else it would say', () => {
    expect(section({ onretry: () => undefined, none: 'Loading…' }).text).toBe('Sites This could not be loaded. Try again');
  });
});

describe('stock', () => {
  const line = (id: string, on_hand: number, reserved: number, decimals = 0) =>
    ({ balance: { id, part_id: 'p', location_id: 'l', on_hand, reserved, available: on_hand - reserved } as StockBalance, name: `D-${id}`, under: 'Depot', decimals });

  it('is on hand, reserved and available, in the unit of the part', () => {
    expect(draw(Balances, { head: 'Part', lines: [line('1', 125, 25, 1)] }).text).toBe('Part On hand Reserved Available D-1 Depot 12.5 2.5 10');
  });

  it('of one part has a sum; of many it would mean nothing', () => {
    const lines = [line('1', 12, 2), line('2', 3, 3)];
    expect(draw(Balances, { head: 'Place', lines, sumDecimals: 0 }).text).toMatch(/Sum 15 5 10$/);
    expect(draw(Balances, { head: 'Place', lines }).tags('tfoot')).toEqual([]);
  });

  it('marks what is all promised', () => {
    const cells = draw(Balances, { head: 'Place', lines: [line('1', 12, 2), line('2', 3, 3)] }).tags('td').filter((tag) => /class="[^"]*late/.test(tag));
    expect(cells).toHaveLength(1);
  });
});

describe('a list too short to be searched', () => {
  it('has a heading where others have a search', () => {
    const drawn = draw(Records as never, { items: ['a'], key: (one: string) => one, loading: false, failed: false, heading: 'Version 4', row: snippet('<i>row</i>'), detail: snippet('<p>detail</p>'), onretry: () => undefined, empty: '' } as never);
    expect(drawn.tags('h2')).toHaveLength(1);
    expect([drawn.text.startsWith('Version 4'), drawn.tags('input')]).toEqual([true, []]);
  });
});
