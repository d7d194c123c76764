import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '$shared/api/problem';
import type { Template, TemplateField, TicketForm } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { session } from '$shared/session.svelte';
import Clashes from '$shared/ui/Clashes.svelte';
import { RowEdit } from '$shared/ui/edit.svelte';
import { draw } from '../../test/render';
import { ticket } from '../../test/samples';
import { page, serve } from '../../test/window';
import FormSection from '../drawer/FormSection.svelte';
import { changesOf } from '../drawer/history';
import { emptyDraft, toNewTicket } from '../forms/draft';
import AnswerFields from './AnswerFields.svelte';
import { answerOf, answerWords, changedAnswers, given, valuesOf, type AnswerValues } from '$shared/answers';
import { blankField, bodyOf, draftOf, faultFields, shortName } from './template';
import TemplateChoice from './TemplateChoice.svelte';
import Templates from './Templates.svelte';
import { templates } from './templates.svelte';

const field = (key: string, answer: TemplateField['answer'], required = false): TemplateField => ({ key, label_en: `Label ${key}`, label_zh: `标签 ${key}`, required, answer });
const DOOR = field('door', { type: 'choice', options: [{ value: 'open', label_en: 'Open', label_zh: '开' }, { value: 'shut', label_en: 'Shut', label_zh: '关' }] });
const FIELDS = [field('code', { type: 'text', longest: 8 }, true), field('heat', { type: 'number', least: -40, most: 90.5, decimals: 1, unit: '°C' }), DOOR, field('since', { type: 'date' }), field('trapped', { type: 'yes_no' })];
const template = (over: Partial<Template> = {}): Template => ({
  id: 'door', version: 3, kind: 'repair', name_en: 'Door fault', name_zh: '门故障', enabled: true, priority: 2, expected_minutes: 75, required_skills: [{ skill: 'A', level: 2 }], needed_parts: [], fields: FIELDS,
  checklist: [{ id: 'q1', question: 'Closes?', question_zh: '', answer_kind: 'yes_no', required: true }], changed_at: 0, ...over,
});
const form = (answers: Record<string, unknown>) => ({ template_id: 'door', version: 3, name_en: 'Door fault', name_zh: '门故障', fields: FIELDS, answers, checklist: [] }) as unknown as TicketForm;
const shown = () => ({ name: '', quantity: '1' });
afterEach(() => locale.set('en'));

describe('answers', () => {
  it('are sent as what they are, and not at all where nothing was said', () => {
    expect(given(FIELDS, { code: ' 12 ', heat: 4.5, door: 'open', since: '', trapped: 'false' })).toEqual({ code: '12', heat: 4.5, door: 'open', trapped: false });
    expect(given(FIELDS, { code: '', heat: 0, trapped: '' })).toEqual({ heat: 0 });
  });

  it('that were emptied are taken back, and those that nobody touched are not sent', () => {
    expect(changedAnswers(FIELDS, { heat: null, door: '' })).toEqual({ heat: null, door: null });
  });

  it('come back as the controls hold them', () => {
    expect(valuesOf(FIELDS, { code: '12', heat: 4.5, trapped: true })).toEqual({ code: '12', heat: 4.5, door: '', since: '', trapped: 'true' });
  });

  it('are told in words, with their unit and in the reader’s language', () => {
    const words = () => [answerWords(FIELDS[1]!, 4.5), answerWords(DOOR, 'shut'), answerWords(DOOR, 'gone'), answerWords(FIELDS[4]!, false), answerWords(FIELDS[0]!, undefined)];
    expect(words()).toEqual(['4.5 °C', 'Shut', 'gone', 'No', '']);
    locale.set('zh-CN');
    expect(words().slice(0, 2)).toEqual(['4.5 °C', '关']);
  });
});

describe('the fields in a form', () => {
  const drawn = (fault = (): string | undefined => undefined) => draw(AnswerFields, { fields: FIELDS, values: valuesOf(FIELDS, { code: '12' }), fault });

  it('each have the control that fits, with its bounds', () => {
    expect(drawn().text).toContain('Label heat (°C) optional');
    const inputs = drawn().tags('input');
    expect(inputs).toHaveLength(3);
    expect(inputs[0]).toMatch(/required/);
    expect(inputs[1]).toMatch(/min="-40" max="90.5" step="0.1"/);
    expect(inputs[2]).toMatch(/type="date"/);
    expect(drawn().tags('select')).toHaveLength(2);
  });

  it('show a fault where it is', () => {
    expect(draw(AnswerFields, { fields: FIELDS, values: {}, fault: (name: string) => (name === 'fields.door' ? 'Not known here.' : undefined) }).text).toMatch(/Label door .*Not known here\./);
  });
});

describe('a new ticket', () => {
  it('by a template names it, its answers, and needs no more than what stands in the form', () => {
    const draft = { ...emptyDraft(), title: 'x', template: template(), answers: { code: '12' } };
    expect(toNewTicket(draft, null, () => 1)).toMatchObject({ template_id: 'door', fields: { code: '12' }, required_skills: [], needed_parts: [] });
    expect(toNewTicket(emptyDraft(), null, () => 1)).not.toHaveProperty('template_id');
  });

  it('is offered the templates of its kind that are in use', async () => {
    serve({ 'GET /api/v1/templates': page([template(), template({ id: 'off', name_en: 'Old', enabled: false }), template({ id: 'it', name_en: 'IT fault', kind: 'it' })]) });
    await templates.load();
    const offered = (kind: string) => draw(TemplateChoice, { kind, template: null, values: {}, fault: () => undefined, onpick: () => undefined }).text;
    expect(offered('repair')).toBe('Template optional Without a template Door fault');
    expect(offered('complaint')).toBe('');
    expect(templates.kinds).toEqual(['repair', 'it']);
  });
});

describe('the ticket’s own form', () => {
  it('shows every field, also those without an answer, and can be edited while the ticket lives', () => {
    const drawn = draw(FormSection, { ticket: ticket({ form: form({ code: '12', heat: 4.5 }) }) });
    expect(drawn.text).toMatch(/^Door fault Edit fields Label code 12 Label heat 4\.5 °C Label door None/);
    expect(draw(FormSection, { ticket: ticket({ status: 'closed', form: form({}) }) }).text).not.toContain('Edit fields');
    expect(draw(FormSection, { ticket: ticket() }).text).toBe('');
  });

  it('tells in the history which answer became which', () => {
    const entry = { seq: 7, at: 0, actor: 'dora', entity: 'tickets', row_id: 't1', op: 'put', changed: { form: [form({ code: '12', door: 'open' }), form({ code: '12', door: 'shut', trapped: true })] } };
    const said = changesOf(entry as never, { engineer: () => '', part: () => null });
    expect(said.map(({ label, before, after }) => [label, before, after])).toEqual([['Label door', 'Open', 'Shut'], ['Label trapped', '', 'Yes']]);
  });
});

describe('an answer that two people changed', () => {
  it('stands side by side, both in words', async () => {
    let now = { door: 'open', trapped: 'true', heat: 1 } as AnswerValues;
    const edit = new RowEdit<AnswerValues, AnswerValues>({ read: async () => ({ row: now, tag: '' }), values: (row) => ({ ...row }), write: async () => { throw new Problem(412, {}); } }, now);
    Object.assign(edit.values, { door: 'shut', trapped: '', heat: null });
    now = { door: 'gone', trapped: 'false', heat: 2.5 };
    await edit.save().catch(() => undefined);
    const words = [DOOR, FIELDS[4]!, FIELDS[1]!].map((one) => ({ key: one.key, label: one.label_en, text: (value: unknown) => answerWords(one, answerOf(one, value as string | number | null)) }));
    const { text } = draw(Clashes as never, { edit, words });
    expect(text).toMatch(/Label door gone .* Shut .* Label trapped No .* None .* Label heat 2\.5 °C .* None/);
  });
});

describe('the editor', () => {
  it('sends what it read, unless something was changed', () => {
    const { id: _id, version: _version, changed_at: _changed, ...body } = template();
    expect(bodyOf(draftOf(template(), shown), () => 1)).toEqual(body);
  });

  it('makes short names of labels, each once, and leaves those that are given', () => {
    expect([shortName(' Door code (side) '), shortName('门')]).toEqual(['door_code_side', '']);
    const draft = draftOf(template({ fields: [FIELDS[0]!] }), shown);
    draft.fields.push({ ...blankField(), en: 'Code', zh: '码' }, { ...blankField(), en: '电压', zh: '电压' });
    expect(bodyOf(draft, () => 1).fields?.map((one) => one.key)).toEqual(['code', 'code_2', 'field']);
  });

  it('knows where each fault is shown', () => {
    const names = faultFields(draftOf(template(), shown));
    expect(names).toEqual(expect.arrayContaining(['fields[2].answer.options[1].label_zh', 'checklist[0].question', 'fields[0].answer.longest']));
  });

  it('lists those in use first, and lets administrators add one', async () => {
    const all = page([template({ id: 'off', name_en: 'A', enabled: false }), template()]);
    const as = async (role: string) => {
      serve({ 'GET /api/v1/templates': all, 'GET /api/v1/meta': { now_at: 0, speed: 1 }, 'GET /api/v1/session': { user: { id: 'u', role } } });
      await templates.load();
      await session.start();
      return draw(Templates, {}).text;
    };
    expect(await as('admin')).toMatch(/Templates Add Door fault Repair In use A Repair Off .*Choose a template/);
    expect(await as('dispatcher')).not.toContain('Add');
  });
});
