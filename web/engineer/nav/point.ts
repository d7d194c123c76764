/** A place and the system that its numbers are in. It is small, for every visit has one; the conversions are beside it. */
export type Datum = 'wgs84' | 'gcj02' | 'bd09';
declare const datum: unique symbol;

/** Degrees. */
export interface Point<D extends Datum> {
  readonly latitude: number;
  readonly longitude: number;
  readonly [datum]: D;
}

/** For the conversions alone: nobody else knows which system two numbers are in. */
export const pointIn = <D extends Datum>(latitude: number, longitude: number): Point<D> => ({ latitude, longitude }) as Point<D>;

/** A stored place, or null where there is none. */
export const wgs84 = (latitude: unknown, longitude: unknown): Point<'wgs84'> | null =>
  typeof latitude === 'number' && typeof longitude === 'number' && Number.isFinite(latitude) && Number.isFinite(longitude) ? pointIn<'wgs84'>(latitude, longitude) : null;
