/**
 * Finding the lift that a caller speaks of: by its number, by the address, or by the customer's name. Three
 * lists are asked at once; an asset found twice is shown once, with its address.
 */
import { api, ask } from '$shared/api/client';
import type { Asset, Site } from '$shared/api/types';

export interface FoundAsset {
  asset: Asset;
  site: Site | null;
}

const SHOWN = 20;
const SITES = 6;

export const assetLine = (found: FoundAsset): string => [found.site?.name, found.site?.address].filter((part, i, list) => part && list.indexOf(part) === i).join(' · ');

async function sitesOf(words: string): Promise<Site[]> {
  const [byText, customers] = await Promise.all([
    ask(api.GET('/api/v1/sites', { params: { query: { q: words, limit: SITES } } })),
    ask(api.GET('/api/v1/customers', { params: { query: { q: words, limit: 3 } } })),
  ]);
  const byCustomer = await Promise.all(
    customers.items.map((customer) => ask(api.GET('/api/v1/sites', { params: { query: { customer_id: customer.id, limit: SITES } } }))),
  );
  return [...byText.items, ...byCustomer.flatMap((page) => page.items)];
}

export async function findAssets(words: string): Promise<FoundAsset[]> {
  const text = words.trim();
  const direct = await ask(api.GET('/api/v1/assets', { params: { query: { limit: SHOWN, ...(text ? { q: text } : {}) } } }));
  const sites = text ? await sitesOf(text) : [];
  const perSite = await Promise.all(
    [...new Map(sites.map((site) => [site.id, site])).values()].slice(0, SITES * 2)
      .map((site) => ask(api.GET('/api/v1/assets', { params: { query: { site_id: site.id, limit: SHOWN } } }))),
  );
  const assets = new Map([...direct.items, ...perSite.flatMap((page) => page.items)].map((asset) => [asset.id, asset]));
  return withSites([...assets.values()].slice(0, SHOWN), sites);
}

async function withSites(assets: Asset[], known: Site[]): Promise<FoundAsset[]> {
  const sites = new Map(known.map((site) => [site.id, site]));
  const missing = [...new Set(assets.map((asset) => asset.site_id))].filter((id) => !sites.has(id));
  await Promise.all(missing.map(async (id) => {
    const site = await ask(api.GET('/api/v1/sites/{id}', { params: { path: { id } } })).catch(() => null);
    if (site) sites.set(id, site);
  }));
  return assets.map((asset) => ({ asset, site: sites.get(asset.site_id) ?? null }));
}
