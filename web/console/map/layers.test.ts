import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Map as MapLibre } from 'maplibre-gl';
import { iconName } from './features';
import { addIcons } from './icons';
import { addLayers } from './layers';

interface Layer {
  id: string;
  type: string;
  source: string;
  filter?: unknown[];
  layout?: Record<string, unknown>;
  paint?: Record<string, unknown>;
}

/** A map that remembers what it was given, and a page whose tokens are named after themselves. */
function map() {
  const sources = new Map<string, Record<string, unknown>>();
  const layers: Layer[] = [];
  const images = new Map<string, unknown>();
  const made = {
    addSource: (id: string, source: Record<string, unknown>) => sources.set(id, source), addLayer: (layer: Layer) => layers.push(layer),
    hasImage: (name: string) => images.has(name), addImage: (name: string, image: unknown) => images.set(name, image),
  };
  return { map: made as unknown as MapLibre, sources, layers, images };
}
const drawn: { fill: string; moves: number; lines: number; arcs: number; rects: number }[] = [];
beforeEach(() => {
  drawn.length = 0;
  vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: (name: string) => ` <${name}> ` }));
  vi.stubGlobal('document', {
    documentElement: {},
    createElement: () => {
      const count = { fill: '', moves: 0, lines: 0, arcs: 0, rects: 0 };
      const context = {
        beginPath: () => undefined, closePath: () => undefined, stroke: () => undefined, moveTo: () => (count.moves += 1), lineTo: () => (count.lines += 1),
        arc: () => (count.arcs += 1), rect: () => (count.rects += 1), fillStyle: '', getImageData: () => ({ width: 44 }),
        fill() {
          count.fill = this.fillStyle;
          drawn.push(count);
        },
      };
      return { getContext: () => context, width: 0, height: 0 };
    },
  });
});

describe('the layers of the map', () => {
  it('each have a source that is there, and a name of their own', () => {
    const { map: made, sources, layers } = map();
    addLayers(made);
    expect(layers.every((layer) => sources.has(layer.source))).toBe(true);
    expect(new Set(layers.map((layer) => layer.id)).size).toBe(layers.length);
  });

  it('are coloured by the design tokens alone', () => {
    const { map: made, layers } = map();
    addLayers(made);
    const literal = JSON.stringify(layers.map((layer) => layer.paint)).match(/#[0-9a-f]{3,8}\b|rgb\(/gi);
    expect(literal).toBeNull();
    expect(JSON.stringify(layers)).toContain('<--due-late>');
  });

  it('draw a ticket either in a cluster or alone, never both', () => {
    const { map: made, layers } = map();
    addLayers(made);
    const filters = new Map(layers.map((layer) => [layer.id, JSON.stringify(layer.filter)]));
    expect(filters.get('clusters')).toBe('["has","point_count"]');
    expect(filters.get('ticket')).toBe('["!",["has","point_count"]]');
  });

  it('lay tickets above engineers: the ticket is what one decides about', () => {
    const { map: made, layers } = map();
    addLayers(made);
    const ids = layers.map((layer) => layer.id);
    expect(ids.indexOf('ticket')).toBeGreaterThan(ids.indexOf('engineer'));
  });

  it('count what presses and what is late in a cluster', () => {
    const { map: made, sources } = map();
    addLayers(made);
    expect(Object.keys((sources.get('tickets')?.['clusterProperties'] ?? {}) as object)).toEqual(['pressing', 'late']);
  });

  it('ask for no font of another host', () => {
    const { map: made, layers } = map();
    addLayers(made);
    const fonts = layers.flatMap((layer) => (layer.layout?.['text-font'] as string[] | undefined) ?? []);
    expect(new Set(fonts)).toEqual(new Set(['sans-serif']));
  });
});

describe('the marks of tickets', () => {
  it('are there for every priority, step and for both: decided or not', () => {
    const { map: made, images } = map();
    addIcons(made);
    expect(images.size).toBe(4 * 6 * 2);
    for (const priority of [1, 2, 3, 4]) expect(images.has(iconName(priority, 'late', false))).toBe(true);
  });

  it('differ in shape by priority', () => {
    const { map: made } = map();
    addIcons(made);
    const shapes = [0, 12, 24, 36].map((i) => [drawn[i]?.lines, drawn[i]?.arcs, drawn[i]?.rects].join());
    expect(new Set(shapes).size).toBe(4);
  });

  it('are hollow while nobody has the ticket', () => {
    const { map: made } = map();
    addIcons(made);
    expect(drawn.slice(0, 2).map((mark) => mark.fill)).toEqual(['<--due-ok>', '<--surface>']);
  });

  it('are not drawn again where they are already', () => {
    const { map: made, images } = map();
    addIcons(made);
    const before = [...images.values()];
    addIcons(made);
    expect([...images.values()]).toEqual(before);
    expect(images.size).toBe(48);
  });
});
