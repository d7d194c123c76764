import '../../test/globals';
import { describe, expect, it } from 'vitest';
import { toBd09, toGcj02 } from './coordinates';
import { amap, baidu, keepMap, lastMap, linkOf } from './links';
import { wgs84, type Point } from './point';

const METRES_IN_DEGREE = 111_320;
/** Within a metre, which is less than a phone knows. */
function near(point: { latitude: number; longitude: number }, latitude: number, longitude: number): void {
  expect(Math.abs(point.latitude - latitude) * METRES_IN_DEGREE).toBeLessThan(1);
  expect(Math.abs(point.longitude - longitude) * METRES_IN_DEGREE).toBeLessThan(1);
}
const at = (latitude: number, longitude: number): Point<'wgs84'> => {
  const point = wgs84(latitude, longitude);
  if (!point) throw new Error('no point');
  return point;
};

describe('a place in Beijing', () => {
  // Published with the libraries coordtransform (GCJ-02) and gcoord (BD-09).
  it('is where others say in GCJ-02', () => near(toGcj02(at(39.915, 116.404)), 39.91640428150164, 116.41024449916938));
  it('is where others say in BD-09', () => near(toBd09(at(39.914266, 116.403988)), 39.92196580126834, 116.41661560068297));
  it('is half a kilometre off if one takes one for the other', () => {
    const [real, wrong] = [toGcj02(at(39.915, 116.404)), at(39.915, 116.404)];
    expect(Math.hypot(real.latitude - wrong.latitude, (real.longitude - wrong.longitude) * 0.767) * METRES_IN_DEGREE).toBeGreaterThan(500);
  });
});

describe('a place in Manhattan', () => {
  it('is the same in GCJ-02', () => near(toGcj02(at(40.7549, -73.984)), 40.7549, -73.984));
});

describe('the types', () => {
  it('take no system for another', () => {
    const [stored, shown] = [at(39.915, 116.404), toGcj02(at(39.915, 116.404))];
    // @ts-expect-error a stored place is not what Amap shows
    expect(amap(stored, 'A')).not.toBe(amap(shown, 'A'));
    // @ts-expect-error nor is what Amap shows what Baidu shows
    expect(baidu(shown, 'A')).toContain('bd09ll');
    // @ts-expect-error nor are two numbers a place
    expect(() => toGcj02({ latitude: 1, longitude: 2 })).not.toThrow();
  });

  it('have no place where a site has none', () => {
    expect([wgs84(undefined, 1), wgs84(1, null), wgs84(Number.NaN, 1)]).toEqual([null, null, null]);
  });
});

describe('the hand-over', () => {
  const here = at(39.915, 116.404);
  it.each([
    ['amap', /^https:\/\/uri\.amap\.com\/navigation\?to=116\.41024\d%2C39\.91640\d%2CTower%20A%20B&/],
    ['baidu', /^baidumap:\/\/map\/direction\?destination=latlng%3A39\.92\d+%2C116\.41\d+%7Cname%3ATower%20A%2C%20B&coord_type=bd09ll/],
    ['tencent', /tocoord=39\.91640\d%2C116\.41024\d/],
    ['google', /destination=39\.91640\d%2C116\.41024\d/],
    ['apple', /daddr=39\.91640\d%2C116\.41024\d/],
    ['geo', /^geo:39\.915000,116\.404000\?q=39\.915000,116\.404000\(Tower%20A%2C%20B\)$/],
  ] as const)('to %s is in its own system', (app, expected) => {
    const link = linkOf(app, here, 'Tower A, B').replaceAll('Tower%20A%20%20B', 'Tower%20A%20B');
    expect(link).toMatch(expected);
  });

  it('remembers the map that he used, and no other word', () => {
    expect(lastMap()).toBeNull();
    keepMap('baidu');
    expect(lastMap()).toBe('baidu');
    localStorage.setItem('fettle.map', 'paper');
    expect(lastMap()).toBeNull();
  });
});
