/** An escalation as the record of a ticket tells it: what ran out, by how much, and what was done about it. */
import type { HistoryEntry } from '$shared/api/types';
import { dateTime, m, number, percent } from '$shared/i18n/text';
import type { FieldChange } from './history';

/** `resolution:30:notify_engineer`. */
interface Step {
  target: string;
  left: number;
  act: string;
}

const LATE_MS = 120_000;
const targets: Record<string, () => string> = { response: m.clock_response, resolution: m.clock_resolution };
const acts: Record<string, () => string> = { notify_engineer: m.escalation_told_engineer, notify_supervisor: m.escalation_told_supervisor, reassign: m.escalation_reassign };

function stepOf(text: string): Step {
  const [target = '', left = '', act = ''] = text.split(':');
  return { target, left: Number(left), act };
}

export function escalationWhat(text: string): string {
  const { target, left } = stepOf(text);
  const name = targets[target]?.() ?? target;
  return left === 0 ? m.escalation_due({ target: name }) : m.escalation_left({ target: name, percent: percent(left / 100) });
}

/** What was done, who was told, who got it, and when it should have been if it was late. */
export function escalationChanges(entry: HistoryEntry, became: (field: string) => unknown, engineer: (id: string) => string): FieldChange[] {
  const { act } = stepOf(String(became('step') ?? ''));
  const [told, given, had] = [Number(became('told') ?? 0), became('given_to_id'), became('engineer_id')];
  const [due, fired] = [Number(became('due_at') ?? 0), Number(became('fired_at') ?? 0)];
  const line = (field: string, label: string, after: string, before = ''): FieldChange => ({ field: `${entry.seq}/${field}`, label, before, after });
  const name = (id: unknown) => (typeof id === 'string' ? engineer(id) || id : '');
  return [
    line('act', m.escalation_done(), act === 'reassign' && !given ? m.escalation_nobody() : (acts[act]?.() ?? act)),
    ...(given ? [line('given', m.engineer(), name(given), name(had))] : []),
    line('told', m.escalation_told(), m.escalation_people({ count: number(told) })),
    ...(fired - due > LATE_MS ? [line('due', m.escalation_was_due(), dateTime(due))] : []),
  ];
}
