import { afterEach, describe, expect, it } from 'vitest';
import { locale } from '$shared/i18n/text';
import type { Doc } from '$sync';
import { partsReady, text, whereText } from './words';

const r = (status: string, location = 'D1', ticket = 'T1'): Doc => ({ ticket_id: ticket, status, location_id: location, location_name: location === 'V7' ? 'Van 7' : 'Depot West' });
const view = (...reservations: Doc[]) => ({ reservations, vans: new Set(['V7']) });
afterEach(() => locale.set('en'));

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
