/** Who calls: the customers of a number, as a list of their assets from which one chooses. */
import { api, ask } from '$shared/api/client';
import type { Caller } from '$shared/api/types';
import type { FoundAsset } from '../forms/asset-search';

const FEWEST_DIGITS = 4;

export interface CallerAsset extends FoundAsset {
  customer: string;
  /** As it was typed. */
  number: string;
}

/** Asset by asset, those of the sites first in whose contact the number stands. */
export const assetsOf = (callers: readonly Caller[], number: string): CallerAsset[] =>
  callers.flatMap((caller) => caller.sites.flatMap((site) => site.assets.map((asset) => ({ asset, site, customer: caller.name, number }))));

export async function whoCalls(typed: string): Promise<CallerAsset[]> {
  if (typed.replace(/\D/g, '').length < FEWEST_DIGITS) return [];
  const page = await ask(api.GET('/api/v1/intake/callers', { params: { query: { number: typed.trim() } } }));
  return assetsOf(page.items, typed.trim());
}
