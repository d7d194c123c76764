/** Addresses that open a map of the engineer's own with the way to a site. Each takes the point in the system that it shows. */
import { toBd09, toGcj02 } from './coordinates';
import type { Datum, Point } from './point';

export const MAPS = ['amap', 'baidu', 'tencent', 'google', 'apple', 'geo'] as const;
export type MapApp = (typeof MAPS)[number];

const FROM = 'fettle';
const pair = (first: number, second: number): string => `${first.toFixed(6)},${second.toFixed(6)}`;
const latLng = <D extends Datum>({ latitude, longitude }: Point<D>): string => pair(latitude, longitude);
const query = (values: Record<string, string>): string => new URLSearchParams(values).toString().replaceAll('+', '%20');

export const amap = (to: Point<'gcj02'>, name: string): string =>
  `https://uri.amap.com/navigation?${query({ to: `${pair(to.longitude, to.latitude)},${name.replaceAll(',', ' ')}`, mode: 'car', coordinate: 'gaode', callnative: '1', src: FROM })}`;
export const baidu = (to: Point<'bd09'>, name: string): string =>
  `baidumap://map/direction?${query({ destination: `latlng:${latLng(to)}|name:${name.replaceAll('|', ' ')}`, coord_type: 'bd09ll', mode: 'driving', src: FROM })}`;
export const tencent = (to: Point<'gcj02'>, name: string): string =>
  `https://apis.map.qq.com/uri/v1/routeplan?${query({ type: 'drive', to: name, tocoord: latLng(to), referer: FROM })}`;
export const google = (to: Point<'gcj02'>): string =>
  `https://www.google.com/maps/dir/?${query({ api: '1', destination: latLng(to), travelmode: 'driving' })}`;
export const apple = (to: Point<'gcj02'>): string => `https://maps.apple.com/?${query({ daddr: latLng(to), dirflg: 'd' })}`;
/** Whatever the phone opens for it; OsmAnd and the like show WGS-84. */
export const geo = (to: Point<'wgs84'>, name: string): string => `geo:${latLng(to)}?q=${latLng(to)}(${encodeURIComponent(name)})`;

/** The way to a stored place. */
export function linkOf(app: MapApp, to: Point<'wgs84'>, name: string): string {
  switch (app) {
    case 'amap': return amap(toGcj02(to), name);
    case 'baidu': return baidu(toBd09(to), name);
    case 'tencent': return tencent(toGcj02(to), name);
    case 'google': return google(toGcj02(to));
    case 'apple': return apple(toGcj02(to));
    case 'geo': return geo(to, name);
  }
}

const KEY = 'fettle.map';
/** The map that he used last, if any. */
export function lastMap(): MapApp | null {
  const found = localStorage.getItem(KEY);
  return MAPS.find((one) => one === found) ?? null;
}
export const keepMap = (app: MapApp): void => localStorage.setItem(KEY, app);
