/**
 * The zoom to begin with. The data's own zoom suits some window; ours may be taller or wider. Between "all of it
 * is in view" and "it fills the window" we take the latter: a band without streets beside the streets looks broken.
 */
import type { Bounds } from './style';

const TILE = 512;
const mercator = (latitude: number) => Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) / (2 * Math.PI);

export function coverZoom([west, south, east, north]: Bounds, width: number, height: number, otherwise: number): number {
  const wide = (east - west) / 360;
  const high = mercator(north) - mercator(south);
  if (!(wide > 0 && high > 0 && width > 0 && height > 0)) return otherwise;
  const zoom = Math.max(Math.log2(width / (wide * TILE)), Math.log2(height / (high * TILE)));
  return Math.min(16, Math.max(11, zoom));
}
