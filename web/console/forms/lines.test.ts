import '../../test/globals';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { page, serve, settled } from '../../test/window';
import { catalogue } from '../catalogue.svelte';
import Legend from '../map/Legend.svelte';
import PartLines from './PartLines.svelte';
import PriorityPicker from './PriorityPicker.svelte';
import SkillLines from './SkillLines.svelte';

beforeAll(async () => {
  serve({
    'GET /api/v1/skills': page([{ code: 'A', name: 'Traction lift', name_zh: '曳引电梯' }, { code: 'B', name: 'Escalator', name_zh: '' }]),
    'GET /api/v1/parts': page([]), 'GET /api/v1/stock-locations': page([]),
  });
  catalogue.reload();
  await settled();
});
afterEach(() => locale.set('en'));

describe('the choice of a priority', () => {
  it('is one of four, by shape and word, and one of them is chosen', () => {
    const drawn = draw(PriorityPicker, { value: 2 });
    expect(drawn.tags('input')).toHaveLength(4);
    expect(drawn.tags('label').map((tag) => tag.includes('class="on') || / on["\s]/.test(tag))).toEqual([false, true, false, false]);
    expect(drawn.text).toBe('Priority Urgent High Medium Low');
  });

  it('is a group with a name, for who cannot see that they belong together', () => {
    const drawn = draw(PriorityPicker, { value: 1 });
    expect(drawn.attribute('div', 'role')).toBe('radiogroup');
    expect(drawn.html).toContain(`id="${drawn.attribute('div', 'aria-labelledby')}"`);
    const names = drawn.tags('input').map((tag) => /name="([^"]+)"/.exec(tag)?.[1]);
    expect(new Set(names).size).toBe(1);
  });

  it('says what is wrong instead of what is good to know', () => {
    expect(draw(PriorityPicker, { value: 1, hint: 'The due time follows.' }).text).toContain('The due time follows.');
    const drawn = draw(PriorityPicker, { value: 1, hint: 'The due time follows.', fault: 'Not known here.' });
    expect(drawn.text).toContain('Not known here.');
    expect(drawn.text).not.toContain('The due time follows.');
  });
});

describe('the skills that a ticket needs', () => {
  it('are offered in the reader’s language, without those that are there already', () => {
    expect(draw(SkillLines, { lines: [] }).text).toBe('Skills optional Add a skill… Traction lift Escalator');
    locale.set('zh-CN');
    expect(draw(SkillLines, { lines: [] }).text).toContain('曳引电梯');
    locale.set('en');
    const drawn = draw(SkillLines, { lines: [{ skill: 'A', level: 2 }] });
    expect(drawn.text.match(/Traction lift/g)).toHaveLength(1);
    expect(drawn.text).toContain('Escalator');
  });

  it('have a level from one to nine, and can be taken away', () => {
    const drawn = draw(SkillLines, { lines: [{ skill: 'A', level: 2 }] });
    expect([drawn.attribute('input', 'min'), drawn.attribute('input', 'max'), drawn.attribute('input', 'value')]).toEqual(['1', '9', '2']);
    expect(drawn.html).toContain('aria-label="Remove"');
  });

  it('say what the server found wrong with them', () => {
    expect(draw(SkillLines, { lines: [], fault: 'Not known here.' }).text).toContain('Not known here.');
  });
});

describe('the parts that a ticket needs', () => {
  it('each have a quantity that can be typed, and can be taken away', () => {
    const drawn = draw(PartLines, { lines: [{ part_id: 'p1', name: 'Door roller', quantity: '2' }, { part_id: 'p2', name: 'Oil', quantity: '1.5' }] });
    expect(drawn.text).toContain('Door roller');
    const quantities = drawn.tags('input').filter((tag) => tag.includes('aria-label="Quantity"')).map((tag) => /value="([^"]*)"/.exec(tag)?.[1]);
    expect(quantities).toEqual(['2', '1.5']);
    expect(drawn.html.match(/aria-label="Remove"/g)).toHaveLength(2);
  });

  it('are searched with a labelled field', () => {
    const drawn = draw(PartLines, { lines: [] });
    expect(drawn.html).toContain(`for="${/<input[^>]*id="([^"]+)"/.exec(drawn.html)?.[1]}"`);
    expect(drawn.text).toBe('Parts optional Part number or name');
  });
});

describe('the legend of the map', () => {
  it('explains every shape and colour in words', () => {
    const { text } = draw(Legend, {});
    for (const word of ['Urgent', 'Low', 'Hollow: nobody has it', 'Engineer with work', 'Engineer free', 'Off shift']) expect(text).toContain(word);
  });
});
