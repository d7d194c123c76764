/**
 * The record of a ticket as a person reads it. One deed writes many rows (the tap, the ticket, its visit, the
 * assignment): they make one line that says what was done, by whom, and what became of it. Only fields that somebody
 * decides about are shown; the record itself has all of them.
 */
import type { HistoryEntry, RuleFiring, TicketForm } from '$shared/api/types';
import { entityLabel, eventLabel, priorityLabel, reservationLabel, statusLabel } from '$shared/i18n/labels';
import { dateTime, duration, m, minutes, quantity } from '$shared/i18n/text';
import { firingWords, outcomeWords, ruleName } from '../planning/rule-words';
import { answerChanges } from '$shared/answers';
import { escalationChanges, escalationWhat } from './escalation';

export interface FieldChange {
  field: string;
  label: string;
  before: string;
  after: string;
}

export interface HistoryLine {
  key: number;
  /** When it was done; on a phone without a network that is before it was received. */
  at: number;
  receivedAt: number | null;
  what: string;
  who: string;
  changes: FieldChange[];
}

export interface Names {
  engineer: (id: string) => string;
  part: (id: string) => { name: string; decimals: number } | null;
}

type Changed = Record<string, unknown>;

const MAX_TEXT = 120;
const LATE_MS = 120_000;
const shownOf: Record<string, string[]> = {
  tickets: ['status', 'priority', 'title', 'description', 'due_at', 'earliest_at', 'latest_at', 'expected_minutes', 'access_note', 'site_contact', 'address'],
  ticket_events: ['reason'],
  assignments: ['engineer_id', 'reason'],
  reservations: ['part_id', 'status'],
  part_usage: ['part_id'],
  notes: ['text'],
  tasks: ['department', 'text', 'done_at'],
};
const labels: Record<string, () => string> = {
  status: m.state, priority: m.priority, engineer_id: m.engineer, reason: m.reason, title: m.title, text: m.note, description: m.description, due_at: m.due,
  earliest_at: m.earliest, latest_at: m.latest, expected_minutes: m.expected, access_note: m.access_note, site_contact: m.site_contact, address: m.address, part_id: m.part, department: m.task_department, done_at: m.task_done_at,
};

/** What the server does by itself. */
const systems: Record<string, () => string> = { sla: m.actor_sla };

const fieldsOf = (entry: HistoryEntry): Changed => (entry.changed && typeof entry.changed === 'object' ? (entry.changed as Changed) : {});
const pairOf = (value: unknown): [unknown, unknown] => (Array.isArray(value) ? [value[0], value[1]] : [null, value]);
const became = (entry: HistoryEntry, field: string): unknown => pairOf(fieldsOf(entry)[field])[1];

function show(entity: string, field: string, value: unknown, names: Names, changed: Changed): string {
  if (value == null || value === '') return '';
  if (field === 'engineer_id') return names.engineer(String(value)) || String(value);
  if (field === 'part_id') {
    const part = names.part(String(value));
    const count = Number(pairOf(changed['quantity'])[1]);
    return part ? `${part.name}${count > 0 ? ` × ${quantity(count, part.decimals)}` : ''}` : '…';
  }
  if (field === 'status') return entity === 'reservations' ? reservationLabel(String(value)) : statusLabel(String(value));
  if (field === 'priority') return priorityLabel(Number(value));
  if (field === 'expected_minutes') return minutes(Number(value));
  if (field.endsWith('_at')) return dateTime(Number(value));
  // As the server writes it when a ticket is merged.
  const duplicate = field === 'reason' ? /^Duplicate of (\d+)$/.exec(String(value)) : null;
  if (duplicate) return m.duplicate_of({ number: duplicate[1] ?? '' });
  const text = String(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/** The fields of a ticket's template, each told by its own name. */
function formChanges(entry: HistoryEntry, changed: Changed): FieldChange[] {
  if (entry.entity !== 'tickets' || !('form' in changed)) return [];
  const [before, after] = pairOf(changed['form']) as [TicketForm | null, TicketForm | null];
  return answerChanges(before, after).map(({ key, ...words }) => ({ field: `${entry.seq}/form.${key}`, ...words }));
}

export function changesOf(entry: HistoryEntry, names: Names): FieldChange[] {
  if (entry.entity === 'escalations') return escalationChanges(entry, (field) => became(entry, field), names.engineer);
  const changed = fieldsOf(entry);
  const own = (shownOf[entry.entity] ?? []).filter((field) => field in changed)
    .map((field) => {
      const [before, after] = pairOf(changed[field]);
      return { field: `${entry.seq}/${field}`, label: labels[field]?.() ?? field, before: show(entry.entity, field, before, names, changed), after: show(entry.entity, field, after, names, changed) };
    })
    .filter((change) => change.before !== change.after);
  return [...own, ...formChanges(entry, changed)];
}

const opens = (entry: HistoryEntry): boolean => entry.entity === 'tickets' && pairOf(fieldsOf(entry)['created_at'])[0] === null && became(entry, 'created_at') !== undefined;

/** What a rule did is told by the rule: its steps are only how. */
function ruleWords(entry: HistoryEntry): string {
  const [name_en, name_zh] = [String(became(entry, 'name_en')), String(became(entry, 'name_zh'))];
  const outcome = outcomeWords({ outcome: became(entry, 'outcome') as RuleFiring['outcome'] });
  const firing = { reason: String(became(entry, 'reason') ?? ''), results: (became(entry, 'results') ?? []) as RuleFiring['results'] };
  return [m.history_rule({ name: ruleName({ name_en, name_zh }), version: String(became(entry, 'rule_version')), outcome }), firingWords(firing)].filter(Boolean).join(' · ');
}

function whatOf(deed: HistoryEntry[]): string {
  const escalation = deed.find((entry) => entry.entity === 'escalations');
  if (escalation) return escalationWhat(String(became(escalation, 'step')));
  const fired = deed.find((entry) => entry.entity === 'rule_firings');
  if (fired) return ruleWords(fired);
  const event = deed.find((entry) => entry.entity === 'ticket_events');
  if (event) return eventLabel(String(became(event, 'kind')));
  if (deed.some(opens)) return m.history_opened();
  if (deed.some((entry) => entry.entity === 'assignments' && became(entry, 'engineer_id'))) return m.history_assigned();
  if (deed.some((entry) => entry.entity === 'tickets')) return m.history_changed();
  return deed.some((entry) => entry.entity === 'reservations') ? m.history_parts() : entityLabel(deed[0]?.entity);
}

/** What was written at one instant by one person belongs together, but each tap of a phone is a deed of its own. */
function deeds(entries: readonly HistoryEntry[]): HistoryEntry[][] {
  const found: HistoryEntry[][] = [];
  for (const entry of [...entries].sort((a, b) => a.seq - b.seq)) {
    const last = found.at(-1);
    const first = last?.[0];
    const own = ['ticket_events', 'notes', 'escalations', 'rule_firings'].includes(entry.entity);
    if (last && first && first.at === entry.at && first.actor === entry.actor && first.entity !== 'notes' && !own) last.push(entry);
    else found.push([entry]);
  }
  return found;
}

/** The newest first. */
export function linesOf(entries: readonly HistoryEntry[], names: Names): HistoryLine[] {
  return deeds(entries).map((deed): HistoryLine => {
    const first = deed[0] as HistoryEntry;
    const [done, id] = [became(first, 'at'), became(first, 'engineer_id')];
    const at = typeof done === 'number' ? done : first.at;
    const opened = deed.some(opens);
    // Of a new ticket everything is new; what it is about stands above, so only who got it is news.
    const changes = deed.filter((entry) => !opened || entry.entity !== 'tickets').flatMap((entry) => changesOf(entry, names));
    const who = (['ticket_events', 'notes'].includes(first.entity) && typeof id === 'string' && names.engineer(id)) || (systems[first.actor]?.() ?? first.actor);
    return { key: first.seq, at, receivedAt: first.at - at > LATE_MS ? first.at : null, what: whatOf(deed), who, changes };
  }).reverse();
}

export const receivedText = (line: HistoryLine): string => (line.receivedAt === null ? '' : m.history_received({ time: duration(line.receivedAt - line.at) }));
