/** Our own layers above the basemap: clusters, tickets, engineers. Colours come from the design tokens. */
import type { LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import { token } from './icons';

const empty = { type: 'FeatureCollection' as const, features: [] };
const FONT = ['sans-serif'];

function clusterLayers(): LayerSpecification[] {
  const share = ['/', ['get', 'pressing'], ['get', 'point_count']];
  return [
    {
      id: 'clusters', type: 'circle', source: 'tickets', filter: ['has', 'point_count'],
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['get', 'point_count'], 2, 13, 50, 22, 400, 32],
        'circle-color': token('--surface'),
        'circle-stroke-width': ['interpolate', ['linear'], share as never, 0, 2.5, 1, 5],
        'circle-stroke-color': ['case', ['>', ['get', 'late'], 0], token('--due-late'), ['>', ['get', 'pressing'], 0], token('--due-risk'), token('--due-ok')],
      },
    },
    {
      id: 'cluster-count', type: 'symbol', source: 'tickets', filter: ['has', 'point_count'],
      layout: { 'text-field': ['to-string', ['get', 'point_count']], 'text-font': FONT, 'text-size': 12, 'text-allow-overlap': true },
      paint: { 'text-color': token('--text') },
    },
  ];
}

function ticketLayers(): LayerSpecification[] {
  return [
    {
      id: 'ticket-halo', type: 'circle', source: 'selected',
      paint: { 'circle-radius': 17, 'circle-color': 'transparent', 'circle-stroke-width': 3, 'circle-stroke-color': token('--accent') },
    },
    {
      id: 'ticket', type: 'symbol', source: 'tickets', filter: ['!', ['has', 'point_count']],
      layout: {
        'icon-image': ['get', 'icon'], 'icon-allow-overlap': true, 'symbol-sort-key': ['-', 10, ['get', 'rank']], 'text-optional': true,
        'text-field': ['step', ['zoom'], '', 15, ['concat', '#', ['get', 'number']]], 'text-font': FONT, 'text-size': 11, 'text-offset': [0, 1.5],
      },
      paint: { 'text-color': token('--text'), 'text-halo-color': token('--surface'), 'text-halo-width': 1.5 },
    },
    {
      id: 'selected-ticket', type: 'symbol', source: 'selected',
      layout: { 'icon-image': ['get', 'icon'], 'icon-allow-overlap': true },
    },
  ];
}

function engineerLayers(): LayerSpecification[] {
  return [
    {
      id: 'engineer', type: 'circle', source: 'engineers',
      paint: {
        'circle-radius': ['case', ['==', ['get', 'selected'], 1], 14, 11],
        'circle-color': ['case', ['==', ['get', 'off'], 1], token('--surface-3'), ['==', ['get', 'busy'], 1], token('--accent'), token('--surface')],
        'circle-stroke-width': 2,
        'circle-stroke-color': ['case', ['==', ['get', 'off'], 1], token('--border-strong'), token('--accent')],
      },
    },
    {
      id: 'engineer-name', type: 'symbol', source: 'engineers',
      layout: { 'text-field': ['get', 'initials'], 'text-font': FONT, 'text-size': 10, 'text-allow-overlap': true, 'text-ignore-placement': true },
      paint: { 'text-color': ['case', ['==', ['get', 'off'], 1], token('--muted'), ['==', ['get', 'busy'], 1], token('--on-accent'), token('--accent-text')] },
    },
    {
      id: 'engineer-age', type: 'symbol', source: 'engineers', minzoom: 14,
      layout: { 'text-field': ['get', 'age'], 'text-font': FONT, 'text-size': 10, 'text-offset': [0, 1.7], 'text-optional': true },
      paint: { 'text-color': token('--muted'), 'text-halo-color': token('--surface'), 'text-halo-width': 1.5 },
    },
  ];
}

export function addLayers(map: MapLibre): void {
  map.addSource('tickets', {
    type: 'geojson', data: empty, cluster: true, clusterRadius: 34, clusterMaxZoom: 15,
    clusterProperties: { pressing: ['+', ['get', 'pressing']], late: ['+', ['case', ['==', ['get', 'step'], 'late'], 1, 0]] },
  });
  map.addSource('selected', { type: 'geojson', data: empty });
  map.addSource('engineers', { type: 'geojson', data: empty });
  for (const layer of [...clusterLayers(), ...engineerLayers(), ...ticketLayers()]) map.addLayer(layer);
}
