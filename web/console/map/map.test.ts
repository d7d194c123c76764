import { describe, expect, it } from 'vitest';
import { engineer, ticket } from '../../test/samples';
import { countOutside, engineerPoints, iconName, initials, samePoints, ticketPoints } from './features';
import { Glider } from './glide';
import { baseStyle } from './style';
import { coverZoom } from './zoom';

describe('ticket points', () => {
  it('say shape, colour and whether somebody has it', () => {
    const [point] = ticketPoints([ticket({ priority: 1, due_at: 100 })], 80, 't1').features;
    expect(point?.geometry.coordinates).toEqual([-73.98, 40.75]);
    expect(point?.properties).toMatchObject({ icon: iconName(1, 'risk', false), pressing: 1, selected: 1, number: '1042' });
  });

  it('leave out what is over', () => {
    expect(ticketPoints([ticket({ status: 'closed' })], 0, null).features).toEqual([]);
  });

  it('are the same to the eye unless one looks otherwise, lies elsewhere, or is another', () => {
    const drawn = (more: object = {}) => ticketPoints([ticket({ priority: 1, due_at: 100, ...more })], 80, null);
    expect(samePoints(drawn(), drawn({ title: 'Another word', engineer_id: 'e2' }))).toBe(true);
    for (const more of [{ priority: 2 }, { due_at: 70 }, { status: 'assigned' }, { latitude: 40.751 }, { id: 't9' }, { status: 'closed' }]) expect(samePoints(drawn(), drawn(more)), JSON.stringify(more)).toBe(false);
  });
});

describe('engineer points', () => {
  const place = (): [number, number] => [1, 2];
  it('stand where they are drawn, with the age of the report', () => {
    const [point] = engineerPoints([engineer({ position: { latitude: 0, longitude: 0, at: 7 } })], place, (at) => `age ${at}`, 'e1').features;
    expect(point?.geometry.coordinates).toEqual([1, 2]);
    expect(point?.properties).toMatchObject({ initials: 'ML', age: 'age 7', busy: 0, off: 0, selected: 1 });
  });

  it('tell no age of who is off shift: his phone is silent because he is at home', () => {
    expect(engineerPoints([engineer({ on_shift: false })], place, () => 'old', null).features[0]?.properties.age).toBe('');
  });

  it('leave out who has no place or is not active', () => {
    expect(engineerPoints([engineer({ position: null }), engineer({ active: false })], place, () => '', null).features).toEqual([]);
  });

  it.each([['Maria Lopez', 'ML'], ['Cher', 'C'], ['Ana de la Cruz', 'AC'], ['王建国', '建国'], ['李 志强', '志强'], ['  ', '']])('%s is %s', (name, short) => {
    expect(initials(name)).toBe(short);
  });
});

describe('gliding', () => {
  it('goes from place to place in the time between two reports', () => {
    const glider = new Glider();
    glider.move('e', [0, 0], 0);
    glider.move('e', [0.01, 0], 1_000);
    expect(glider.at('e', 1_500)?.[0]).toBeCloseTo(0.005);
    expect(glider.at('e', 9_000)).toEqual([0.01, 0]);
    expect([glider.moving(1_500), glider.moving(9_000)]).toEqual([true, false]);
  });

  it('goes on from where it is drawn, not from where it was to arrive', () => {
    const glider = new Glider();
    glider.move('e', [0, 0], 0);
    glider.move('e', [0.01, 0], 1_000);
    glider.move('e', [0.01, 0.01], 1_500);
    expect(glider.at('e', 1_500)?.[0]).toBeCloseTo(0.005);
  });

  it('knows how far somebody has gone since he was drawn', () => {
    const glider = new Glider();
    glider.move('e', [0, 0], 0);
    expect(glider.behind(0)).toBe(Infinity);
    glider.draw('e', 0);
    expect(glider.behind(0)).toBe(0);
    glider.move('e', [0.01, 0], 1_000);
    expect(glider.behind(1_500)).toBeCloseTo(0.005);
    expect(glider.draw('e', 1_500)?.[0]).toBeCloseTo(0.005);
    expect(glider.behind(9_000)).toBeCloseTo(0.005);
  });

  it('does not fly across the town', () => {
    const glider = new Glider();
    glider.move('e', [0, 0], 0);
    glider.move('e', [1, 1], 1_000);
    expect(glider.at('e', 1_001)).toEqual([1, 1]);
  });

  it('stands still for who wants no motion', () => {
    const glider = new Glider(true);
    glider.move('e', [0, 0], 0);
    glider.move('e', [0.01, 0], 1_000);
    expect(glider.at('e', 1_001)).toEqual([0.01, 0]);
  });

  it('does not start again when the same place is reported', () => {
    const glider = new Glider();
    glider.move('e', [0, 0], 0);
    glider.move('e', [0, 0], 5_000);
    expect(glider.moving(5_001)).toBe(false);
  });

  it('knows nothing of who was never seen', () => {
    expect(new Glider().at('x', 0)).toBeNull();
  });
});

describe('the basemap', () => {
  const style = baseStyle('http://here/tiles/midtown.pmtiles', true, '© OpenStreetMap contributors');
  it('fetches nothing but the tiles: no glyphs, no sprite', () => {
    expect(style).not.toHaveProperty('glyphs');
    expect(style).not.toHaveProperty('sprite');
    expect(JSON.stringify(style).match(/https?:\/\/[^"]+/g)).toEqual(['http://here/tiles/midtown.pmtiles']);
  });

  it('names the contributors', () => {
    expect(JSON.stringify(style.sources)).toContain('OpenStreetMap');
  });

  it('has one colour behind everything, and no band where the tiles end', () => {
    expect(style.layers[0]).toMatchObject({ type: 'background' });
    expect(Object.keys(style.sources)).toEqual(['base']);
  });

  it('counts who is on shift beyond its edge, and nobody else', () => {
    const at = (longitude: number, over = {}) => engineer({ position: { latitude: 40.75, longitude, at: 0 }, ...over });
    const people = [at(-73.99), at(-74.02), at(-73.9), at(-73.9, { on_shift: false }), at(-73.9, { active: false }), engineer({ position: null })];
    expect(countOutside(people, [-74.014, 40.736, -73.963, 40.759])).toBe(2);
  });

  it('begins at a zoom that fills the window, however it is shaped', () => {
    const bounds: [number, number, number, number] = [-74.014, 40.736, -73.963, 40.759];
    const tall = coverZoom(bounds, 600, 850, 13);
    const pixels = (zoom: number) => ((bounds[2] - bounds[0]) / 360) * 512 * 2 ** zoom;
    expect(pixels(tall)).toBeGreaterThanOrEqual(600);
    expect(pixels(coverZoom(bounds, 1600, 300, 13))).toBeCloseTo(1600, 3);
    expect(tall).toBeGreaterThan(coverZoom(bounds, 600, 400, 13));
    expect(coverZoom([0, 0, 0, 0], 600, 400, 13)).toBe(13);
    expect(coverZoom(bounds, 0, 0, 13)).toBe(13);
  });
});
