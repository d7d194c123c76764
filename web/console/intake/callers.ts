/** Who calls: the customers of a number, as a list of their assets from which one chooses. */
import { api, ask } from '$shared/api/client';
import type { Caller } from '$shared/api/types';
import type { FoundAsset } from '../forms/asset-search';

const FEWEST_DIGITS = 4;

/** The number that was typed, or "" while it is none. */
export const numberOf = (typed: string): string =>
  typed.replace(/\D/g, '').length < FEWEST_DIGITS ? '' : typed.trim();

export interface CallerAsset extends FoundAsset {
  customer: string;
  /** As it was typed. */
  number: string;
}

/** Asset by asset, those of the sites first in whose contact the number stands. */
export const assetsOf = (callers: readonly Caller[], number: string): CallerAsset[] =>
  callers.flatMap((caller) => caller.sites.flatMap((site) => site.assets.map((asset) => ({ asset, site, customer: caller.name, number }))));

export async function whoCalls(typed: string): Promise<CallerAsset[]> {
  const number = numberOf(typed);
  if (!number) return [];
  const page = await ask(api.GET('/api/v1/intake/callers', { params: { query: { number } } }));
  return assetsOf(page.items, number);
}
