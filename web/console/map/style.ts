/**
 * The basemap's look for tiles of the OpenMapTiles schema, light and dark. It stays behind the work: no colour
 * in it is stronger than a ticket. Without `glyphs` MapLibre draws labels from the fonts of the machine, so
 * nothing is fetched and Chinese works too.
 */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';

interface Palette {
  land: string;
  park: string;
  water: string;
  building: string;
  buildingEdge: string;
  minor: string;
  main: string;
  casing: string;
  label: string;
  halo: string;
}

export type Bounds = [west: number, south: number, east: number, north: number];

const light: Palette = {
  land: '#f0f1ef', park: '#dce8d8', water: '#c9dbe6', building: '#e4e5e3', buildingEdge: '#d8dad7', minor: '#ffffff', main: '#fffdf6',
  casing: '#d3d6d6', label: '#5d6770', halo: '#f6f7f6',
};
const dark: Palette = {
  land: '#151a1f', park: '#18241f', water: '#12202b', building: '#1c2228', buildingEdge: '#242b32', minor: '#262e36', main: '#303a43',
  casing: '#11151a', label: '#93a0ac', halo: '#12171c',
};

const MAIN = ['motorway', 'trunk', 'primary', 'secondary'];
const MINOR = ['tertiary', 'minor', 'service'];
const width = (narrow: number, wide: number) => ['interpolate', ['exponential', 1.5], ['zoom'], 11, narrow * 0.4, 14, narrow, 18, wide] as unknown as number;

function roads(p: Palette): LayerSpecification[] {
  const line = (id: string, classes: string[], color: string, narrow: number, wide: number): LayerSpecification => ({
    id, type: 'line', source: 'base', 'source-layer': 'transportation',
    filter: ['in', ['get', 'class'], ['literal', classes]],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': color, 'line-width': width(narrow, wide) },
  });
  return [
    line('minor-casing', MINOR, p.casing, 2.4, 16),
    line('main-casing', MAIN, p.casing, 4.6, 26),
    line('minor', MINOR, p.minor, 1.6, 14),
    line('main', MAIN, p.main, 3.6, 23),
  ];
}

export function baseStyle(tilesUrl: string, isDark: boolean, attribution: string): StyleSpecification {
  const p = isDark ? dark : light;
  const fill = (id: string, layer: string, color: string): LayerSpecification => ({ id, type: 'fill', source: 'base', 'source-layer': layer, paint: { 'fill-color': color } });
  return {
    version: 8,
    sources: { base: { type: 'vector', url: `pmtiles://${tilesUrl}`, attribution } },
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': p.land } },
      { ...fill('green', 'landcover', p.park), filter: ['in', ['get', 'class'], ['literal', ['grass', 'wood', 'farmland']]] } as LayerSpecification,
      fill('park', 'park', p.park),
      fill('water', 'water', p.water),
      { id: 'building', type: 'fill', source: 'base', 'source-layer': 'building', minzoom: 13, paint: { 'fill-color': p.building, 'fill-outline-color': p.buildingEdge } },
      ...roads(p),
      {
        id: 'street-names', type: 'symbol', source: 'base', 'source-layer': 'transportation_name', minzoom: 13,
        filter: ['!', ['in', ['get', 'class'], ['literal', ['rail', 'path', 'transit', 'track']]]],
        layout: {
          'symbol-placement': 'line', 'text-field': ['get', 'name:latin'], 'text-font': ['sans-serif'], 'symbol-spacing': 320,
          'text-size': ['interpolate', ['linear'], ['zoom'], 13, 10, 18, 13],
        },
        paint: { 'text-color': p.label, 'text-halo-color': p.halo, 'text-halo-width': 1.5 },
      },
    ],
  };
}
