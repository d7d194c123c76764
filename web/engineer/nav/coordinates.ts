/**
 * Places in the three systems that maps in China use. The same numbers are up to 700 m apart in them, so they are three
 * types: a function that wants one takes no other, and the only way from one to the next is through here. We store WGS-84.
 */
import gcoord from 'gcoord';
import { pointIn, type Point } from './point';

/** What Amap, Tencent, Apple and Google show in mainland China; elsewhere the same as WGS-84. */
export function toGcj02({ latitude, longitude }: Point<'wgs84'>): Point<'gcj02'> {
  const [x, y] = gcoord.transform([longitude, latitude], gcoord.WGS84, gcoord.GCJ02);
  return pointIn(y, x);
}

/** What Baidu shows. */
export function toBd09({ latitude, longitude }: Point<'wgs84'>): Point<'bd09'> {
  const [x, y] = gcoord.transform([longitude, latitude], gcoord.WGS84, gcoord.BD09);
  return pointIn(y, x);
}
