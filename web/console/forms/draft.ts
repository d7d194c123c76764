/** The new-ticket form as data, and as the request it becomes: empty fields are left out, not sent as "". */
import type { NewTicket, Template } from '$shared/api/types';
import { given, type AnswerValues } from '$shared/answers';
import type { FoundAsset } from './asset-search';

/** What a ticket may be for who opens it here; other programs may have kinds of their own. */
export const KINDS = ['repair', 'inspection', 'maintenance', 'complaint'];

export interface Draft {
  kind: string;
  priority: number;
  title: string;
  symptom: string;
  description: string;
  expectedMinutes: number | null;
  skills: { skill: string; level: number }[];
  parts: { part_id: string; name: string; quantity: string }[];
  earliestAt: number | null;
  latestAt: number | null;
  accessNote: string;
  siteContact: string;
  auto: boolean;
  template: Template | null;
  answers: AnswerValues;
}

export const emptyDraft = (): Draft => ({
  kind: 'repair', priority: 2, title: '', symptom: '', description: '', expectedMinutes: null, skills: [], parts: [], earliestAt: null,
  latestAt: null, accessNote: '', siteContact: '', auto: true, template: null, answers: {},
});

/** What a template brings along: it stands in the form, where it can be put right. */
export type Brought = Pick<Draft, 'priority' | 'expectedMinutes' | 'title' | 'skills' | 'parts'>;

/** Another template, or none: what the former one brought gives way, what somebody wrote himself stays. */
export function bring(draft: Draft, former: Brought | null, next: Brought | null): void {
  const blank = emptyDraft();
  const one = <K extends keyof Brought>(key: K) => {
    if (JSON.stringify(draft[key]) === JSON.stringify((former ?? blank)[key])) draft[key] = (next ?? blank)[key] as Draft[K];
  };
  (['priority', 'expectedMinutes', 'title', 'skills', 'parts'] as const).forEach(one);
}

/** Another caller, or none: his number stands where the former one's stood, and nowhere else. */
export function callerIs(draft: Draft, former: string, number: string): void {
  if (draft.siteContact === former) draft.siteContact = number;
}

export function toNewTicket(draft: Draft, asset: FoundAsset | null, scaled: (partId: string, typed: string) => number | null): NewTicket {
  const text = (key: 'symptom' | 'description' | 'access_note' | 'site_contact', value: string) => (value.trim() ? { [key]: value.trim() } : {});
  return {
    kind: draft.kind,
    priority: draft.priority,
    title: draft.title.trim(),
    ...(asset ? { asset_id: asset.asset.id } : {}),
    ...text('symptom', draft.symptom),
    ...text('description', draft.description),
    ...text('access_note', draft.accessNote),
    ...text('site_contact', draft.siteContact),
    ...(draft.expectedMinutes ? { expected_minutes: draft.expectedMinutes } : {}),
    ...(draft.template ? { template_id: draft.template.id, fields: given(draft.template.fields, draft.answers) as never } : {}),
    // What is taken out of the lists of a template is not needed: the empty list says so.
    ...(draft.skills.length > 0 || draft.template ? { required_skills: draft.skills.filter((line) => line.skill !== '') } : {}),
    ...(draft.parts.length > 0 || draft.template ? { needed_parts: draft.parts.map((line) => ({ part_id: line.part_id, quantity: scaled(line.part_id, line.quantity) ?? 0 })) } : {}),
    ...(draft.earliestAt !== null ? { earliest_at: draft.earliestAt } : {}),
    ...(draft.latestAt !== null ? { latest_at: draft.latestAt } : {}),
    dispatch: draft.auto ? 'auto' : 'manual',
  };
}
