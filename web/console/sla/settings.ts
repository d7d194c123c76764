/** What holds without a contract, and the steps of escalations, as they are edited and as they are sent. */
import type { SlaSettings } from '$shared/api/types';

export const ACTS = ['notify_engineer', 'notify_supervisor', 'reassign'] as const;
export type Act = (typeof ACTS)[number];
export const TARGETS = ['response', 'resolution'] as const;
export type TargetKind = (typeof TARGETS)[number];
export const MOST_STEPS = 20;

export interface StepDraft {
  /** To tell steps apart while they are edited. */
  key: number;
  target: TargetKind;
  left: string;
  act: Act;
}

export interface SettingsDraft {
  policyId: string;
  calendarId: string;
  steps: StepDraft[];
  isQuiet: boolean;
  from: string;
  until: string;
  fromPriority: string;
  /** Their ids; empty: everybody of the office. */
  supervisors: string[];
}

let keys = 0;
export const blankStep = (): StepDraft => ({ key: (keys += 1), target: 'resolution', left: '30', act: 'notify_engineer' });

/** The first to be taken first: most is left then. */
const inOrder = (steps: SlaSettings['steps']) => [...steps].sort((a, b) => a.target.localeCompare(b.target) * -1 || b.left_percent - a.left_percent);

export const draftOf = (row: SlaSettings): SettingsDraft => ({
  policyId: row.policy_id, calendarId: row.calendar_id, supervisors: [...row.supervisors],
  steps: inOrder(row.steps).map((step) => ({ key: (keys += 1), target: step.target as TargetKind, left: String(step.left_percent), act: step.act })),
  isQuiet: row.quiet !== null, from: row.quiet?.from ?? '22:00', until: row.quiet?.until ?? '07:00', fromPriority: String(row.quiet?.from_priority ?? 2),
});

export const settingsOf = (draft: SettingsDraft): SlaSettings => ({
  policy_id: draft.policyId, calendar_id: draft.calendarId, supervisors: [...draft.supervisors],
  steps: draft.steps.map(({ target, left, act }) => ({ target, left_percent: Number(left), act })),
  quiet: draft.isQuiet ? { from: draft.from, until: draft.until, from_priority: Number(draft.fromPriority) } : null,
});

/** Whether there is nothing to save. */
export const same = (draft: SettingsDraft, row: SlaSettings): boolean => JSON.stringify(settingsOf(draft)) === JSON.stringify(settingsOf(draftOf(row)));

export const faultFields = (steps: number): string[] =>
  ['policy_id', 'calendar_id', 'quiet.from', 'quiet.until', 'quiet.from_priority', 'supervisors', ...Array.from({ length: steps }, (_, i) => [`steps[${i}]`, `steps[${i}].left_percent`, `steps[${i}].act`, `steps[${i}].target`]).flat()];
