// What a visitor of the console has to load, packed, read off the built pages themselves.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const bytes = (dist, names) => names.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name)), { level: 9 }).length, 0);

/** The shell is what index.html names; the map is MapLibre with its worker and the reader of its tiles; of style sheets also
 *  those that the dispatcher's page loads later. */
export function sizes(dist) {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, name]) => name);
  const assets = readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`);
  const text = (name) => readFileSync(join(dist, name), 'utf8');
  const map = assets.filter((name) => name.endsWith('.js') && !named.includes(name) && (/\/(maplibre-gl|engine)/.test(name) || text(name).includes('PMTiles')));
  if (map.length < 3 || named.length === 0) throw new Error(`${dist} is not the console: ${named} ${map}`);
  return {
    shell: bytes(dist, named.filter((name) => name.endsWith('.js'))),
    map: bytes(dist, map),
    css: bytes(dist, named.filter((name) => name.endsWith('.css')).concat(assets.filter((name) => /\/(maplibre-gl|Drawer|NewTicket|Proposals|Recent|Palette|Picker)-[^/]*\.css$/.test(name)))),
  };
}
