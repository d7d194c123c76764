/** Answers to the fields of a template: as a form has them, as they are sent, and as they are shown. */
import type { TemplateField, TicketForm } from './api/types';
import { locale, m } from './i18n/text';

/** What a control holds: a yes or no is a choice of three, since not to say is one. */
export type AnswerValues = Record<string, string | number | null>;
export type Answers = Record<string, string | number | boolean | null>;

const spoken = (one: { label_en: string; label_zh: string }): string => (locale.current === 'zh-CN' ? one.label_zh : one.label_en);
export const fieldLabel = spoken;
export const optionLabel = spoken;
export const formName = (form: { name_en: string; name_zh: string }): string => (locale.current === 'zh-CN' ? form.name_zh : form.name_en);

export function valueOf(field: TemplateField, answer: unknown): string | number | null {
  if (field.answer.type === 'number') return typeof answer === 'number' ? answer : null;
  return answer === undefined || answer === null ? '' : String(answer);
}
export const valuesOf = (fields: readonly TemplateField[], answers: Readonly<Record<string, unknown>>): AnswerValues =>
  Object.fromEntries(fields.map((field) => [field.key, valueOf(field, answers[field.key])]));

export function answerOf(field: TemplateField, value: string | number | null): string | number | boolean | null {
  if (value === null || value === undefined || value === '') return null;
  if (field.answer.type === 'number') return Number(value);
  return field.answer.type === 'yes_no' ? value === 'true' : String(value).trim();
}
/** Those of a new ticket: what is not answered is left out. */
export const given = (fields: readonly TemplateField[], values: Readonly<AnswerValues>): Answers =>
  Object.fromEntries(fields.map((field) => [field.key, answerOf(field, values[field.key] ?? null)] as const).filter(([, answer]) => answer !== null));
/** Those that were typed over: what was emptied is taken back. */
export const changedAnswers = (fields: readonly TemplateField[], changed: Readonly<Partial<AnswerValues>>): Answers =>
  Object.fromEntries(fields.filter((field) => field.key in changed).map((field) => [field.key, answerOf(field, changed[field.key] ?? null)]));

/** An answer in words; empty if there is none. */
export function answerWords(field: TemplateField, answer: unknown): string {
  if (answer === undefined || answer === null) return '';
  const kind = field.answer;
  if (kind.type === 'yes_no') return answer === true ? m.yes() : m.no();
  if (kind.type === 'number') {
    const said = new Intl.NumberFormat(locale.current, { maximumFractionDigits: kind.decimals ?? 0 }).format(Number(answer));
    return kind.unit ? `${said} ${kind.unit}` : said;
  }
  if (kind.type === 'choice') {
    const option = kind.options.find((one) => one.value === answer);
    return option ? optionLabel(option) : String(answer);
  }
  return String(answer);
}

/** What an edit changed, field by field, for the record. */
export function answerChanges(before: TicketForm | null, after: TicketForm | null): { key: string; label: string; before: string; after: string }[] {
  const fields = (after ?? before)?.fields ?? [];
  return fields.map((field) => ({ key: field.key, label: fieldLabel(field), before: answerWords(field, before?.answers[field.key]), after: answerWords(field, after?.answers[field.key]) }))
    .filter((change) => change.before !== change.after);
}

export const faultNames = (fields: readonly TemplateField[]): string[] => fields.map((field) => `fields.${field.key}`);

/** The form of a ticket as phones have it: a text with JSON. What cannot be read is none. */
export function formOf(text: unknown): TicketForm | null {
  if (typeof text !== 'string' || text === '') return null;
  try {
    const form = JSON.parse(text) as Partial<TicketForm> | null;
    return form && Array.isArray(form.fields) && Array.isArray(form.checklist) && form.answers ? (form as TicketForm) : null;
  } catch {
    return null;
  }
}
