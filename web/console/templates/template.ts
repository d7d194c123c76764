/** A template as it is edited: fields and questions as rows, numbers as they are typed; and as it is sent. */
import type { PartNeed, Template, TemplateAnswer, TemplateBody, TemplateField } from '$shared/api/types';
import { draftsOf, type Draft as QuestionDraft } from '../planning/checklist';

export const MOST_FIELDS = 40;
export const MOST_OPTIONS = 50;
export const ANSWER_TYPES = ['text', 'number', 'choice', 'date', 'yes_no'] as const;
export type AnswerType = (typeof ANSWER_TYPES)[number];

export interface OptionDraft {
  key: number;
  /** Of an answer that is there already; a new one gets its name from its label. */
  value: string;
  en: string;
  zh: string;
}
export interface FieldDraft {
  /** To tell rows apart while they are edited. */
  row: number;
  key: string;
  en: string;
  zh: string;
  required: boolean;
  type: AnswerType;
  longest: number | null;
  least: number | null;
  most: number | null;
  decimals: number | null;
  unit: string;
  options: OptionDraft[];
}
export interface TemplateDraft {
  kind: string;
  nameEn: string;
  nameZh: string;
  enabled: boolean;
  priority: string;
  minutes: number | null;
  skills: { skill: string; level: number }[];
  parts: { part_id: string; name: string; quantity: string }[];
  fields: FieldDraft[];
  questions: QuestionDraft[];
}

let rows = 0;
const next = (): number => (rows += 1);
export const blankOption = (): OptionDraft => ({ key: next(), value: '', en: '', zh: '' });
export const blankField = (): FieldDraft => ({
  row: next(), key: '', en: '', zh: '', required: false, type: 'text', longest: 200, least: null, most: null, decimals: 0, unit: '', options: [blankOption(), blankOption()],
});

function fieldDraft(field: TemplateField): FieldDraft {
  const { answer } = field;
  const draft = { ...blankField(), key: field.key, en: field.label_en, zh: field.label_zh, required: field.required ?? false, type: answer.type };
  if (answer.type === 'text') return { ...draft, longest: answer.longest };
  if (answer.type === 'number') return { ...draft, least: answer.least ?? null, most: answer.most ?? null, decimals: answer.decimals ?? 0, unit: answer.unit ?? '' };
  if (answer.type === 'choice') return { ...draft, options: answer.options.map((one) => ({ key: next(), value: one.value, en: one.label_en, zh: one.label_zh })) };
  return draft;
}

/** `shown` puts a part in words and its quantity into its unit. */
export function draftOf(template: Template, shown: (need: PartNeed) => { name: string; quantity: string }): TemplateDraft {
  return {
    kind: template.kind, nameEn: template.name_en, nameZh: template.name_zh, enabled: template.enabled, priority: String(template.priority ?? ''), minutes: template.expected_minutes ?? null,
    skills: template.required_skills.map((need) => ({ ...need })), parts: template.needed_parts.map((need) => ({ part_id: need.part_id, ...shown(need) })),
    fields: template.fields.map(fieldDraft),
    questions: draftsOf(template.checklist.map((one, at) => ({ id: one.id ?? '', ticket_kind: '', position: at, question: one.question, question_zh: one.question_zh ?? '', answer_kind: one.answer_kind, required: one.required ?? false }))),
  };
}

/** A short name as the server takes it: "Door code (side)" is `door_code_side`. */
export const shortName = (label: string): string => label.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 40);

/** Names that are given stay; the others come from their labels, each once. */
function named<T>(all: readonly T[], given: (one: T) => string, label: (one: T) => string, otherwise: string): string[] {
  const taken = new Set(all.map(given).filter(Boolean));
  return all.map((one) => {
    if (given(one)) return given(one);
    const base = shortName(label(one)) || otherwise;
    let name = base;
    for (let n = 2; taken.has(name); n += 1) name = `${base.slice(0, 36)}_${n}`;
    taken.add(name);
    return name;
  });
}

function answerOf(draft: FieldDraft): TemplateAnswer {
  if (draft.type === 'text') return { type: 'text', longest: draft.longest ?? 0 };
  if (draft.type === 'number') return { type: 'number', least: draft.least, most: draft.most, decimals: draft.decimals ?? 0, unit: draft.unit.trim() };
  if (draft.type === 'choice') {
    const values = named(draft.options, (one) => one.value, (one) => one.en, 'option');
    return { type: 'choice', options: draft.options.map((one, at) => ({ value: values[at] ?? '', label_en: one.en.trim(), label_zh: one.zh.trim() })) };
  }
  return { type: draft.type };
}

export function bodyOf(draft: TemplateDraft, scaled: (partId: string, typed: string) => number | null): TemplateBody {
  const keys = named(draft.fields, (one) => one.key.trim(), (one) => one.en, 'field');
  return {
    kind: draft.kind.trim(), name_en: draft.nameEn.trim(), name_zh: draft.nameZh.trim(), enabled: draft.enabled,
    priority: draft.priority === '' ? null : Number(draft.priority), expected_minutes: draft.minutes,
    required_skills: draft.skills, needed_parts: draft.parts.map((line) => ({ part_id: line.part_id, quantity: scaled(line.part_id, line.quantity) ?? 0 })),
    fields: draft.fields.map((one, at) => ({ key: keys[at] ?? '', label_en: one.en.trim(), label_zh: one.zh.trim(), required: one.required, answer: answerOf(one) })),
    checklist: draft.questions.map(({ id, question, question_zh, answer_kind, required }) => ({ ...(id ? { id } : {}), question: question.trim(), question_zh: question_zh.trim(), answer_kind, required })),
  };
}

export const blankTemplate = (kind: string, nameEn: string, nameZh: string): TemplateBody => ({
  kind, name_en: nameEn, name_zh: nameZh, enabled: false, priority: null, expected_minutes: null, required_skills: [], needed_parts: [], fields: [], checklist: [],
});

/** The fields that a form with so many rows shows faults at. */
export function faultFields(draft: TemplateDraft | null): string[] {
  const of = ['key', 'label_en', 'label_zh', 'answer.longest', 'answer.least', 'answer.most', 'answer.decimals', 'answer.unit', 'answer.options'];
  const fields = (draft?.fields ?? []).flatMap((field, i) => [
    ...of.map((name) => `fields[${i}].${name}`),
    ...field.options.flatMap((_, n) => ['label_en', 'label_zh'].map((name) => `fields[${i}].answer.options[${n}].${name}`)),
  ]);
  const questions = (draft?.questions ?? []).flatMap((_, i) => [`checklist[${i}].question`, `checklist[${i}].question_zh`]);
  return ['kind', 'name_en', 'name_zh', 'priority', 'expected_minutes', 'required_skills', 'needed_parts', 'fields', 'checklist', ...fields, ...questions];
}
