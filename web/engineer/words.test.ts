import { afterEach, describe, expect, it } from 'vitest';
import { locale } from '$shared/i18n/text';
import type { Doc } from '$sync';
import { leftOf, partsReady, text, whereText } from './words';

const r = (status: string, location = 'D1', ticket = 'T1'): Doc => ({ ticket_id: ticket, status, location_id: location, location_name: location === 'V7' ? 'Van 7' : 'Depot West' });
const view = (...reservations: Doc[]) => ({ reservations, vans: new Set(['V7']) });
afterEach(() => locale.set('en'));

describe('what is left to be built in', () => {
  const line = (id: string, quantity: number, status = 'handed_over', part_id = 'p') => ({ id, part_id, quantity, status });
  const use = (quantity: number, part_id = 'p') => ({ part_id, quantity });
  it.each([
    ['all of it', [line('a', 2)], [], { a: 2 }],
    ['less what the server has not heard of', [line('a', 2)], [use(1)], { a: 1 }],
    ['not less by what it has made a reservation of its own', [line('a', 1), line('b', 1, 'used')], [use(1)], { a: 1, b: 0 }],
    ['less what came after that', [line('a', 2), line('b', 1, 'used')], [use(1), use(1)], { a: 1, b: 0 }],
    ['of the first reservation first', [line('a', 1), line('b', 2)], [use(2)], { a: 0, b: 1 }],
    ['by its own part', [line('a', 1), line('b', 1, 'held', 'q')], [use(1, 'q')], { a: 1, b: 0 }],
    ['nothing of what is only wanted', [line('a', 3, 'wanted')], [], { a: 0 }],
  ])('is %s', (_, reservations, used, left) => expect(Object.fromEntries(leftOf(reservations, used))).toEqual(left));
});

describe('parts in hand', () => {
  it.each([
    ['none are needed', view(), null],
    ['none are left of what was given up', view(r('released'), r('expired'), r('returned')), null],
    ['held at a depot is not in hand', view(r('held')), { ready: 0, all: 1, fetch: ['Depot West'] }],
    ['picked at a depot is not in hand either', view(r('picked')), { ready: 0, all: 1, fetch: ['Depot West'] }],
    ['held in a colleague’s van is not in hand', view(r('held', 'V8')), { ready: 0, all: 1, fetch: ['Depot West'] }],
    ['held in his own van is', view(r('held', 'V7')), { ready: 1, all: 1, fetch: [] }],
    ['handed over is', view(r('handed_over', 'V7'), r('held')), { ready: 1, all: 2, fetch: ['Depot West'] }],
    ['wanted is nowhere to be fetched', view(r('wanted'), r('used', 'V7')), { ready: 1, all: 2, fetch: [] }],
    ['a place is named once', view(r('held'), r('picked')), { ready: 0, all: 2, fetch: ['Depot West'] }],
    ['another ticket’s parts do not count', view(r('handed_over', 'V7', 'T2')), null],
  ])('%s', (_, stock, expected) => {
    expect(partsReady(stock, 'T1')).toEqual(expected);
  });

  it.each([
    ['held', 'D1', 'fetch at Depot West'], ['picked', 'D1', 'ready for you at Depot West'], ['held', 'V7', 'in your van'], ['handed_over', 'V7', 'in your van'],
    ['wanted', 'D1', 'not there yet'], ['used', 'V7', 'used'],
  ])('%s at %s is "%s"', (status, place, words) => {
    expect(whereText(view(), r(status, place))).toBe(words);
  });

  it('says in Chinese where to go, also to a place without a name', () => {
    locale.set('zh-CN');
    expect(whereText(view(), { ...r('held'), location_name: null })).toBe('到仓库领取');
  });
});

it('an empty column reads as nothing', () => {
  expect([text(undefined), text(null), text(0), text(false)]).toEqual(['', '', '0', 'false']);
});
