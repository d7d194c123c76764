/** A history entry as lines to read: which field, from what, to what. Housekeeping fields are left out. */
import type { HistoryEntry } from '$shared/api/types';
import { eventLabel, priorityLabel, reservationLabel, statusLabel } from '$shared/i18n/labels';
import { dateTime, m } from '$shared/i18n/text';

export interface FieldChange {
  field: string;
  label: string;
  before: string;
  after: string;
}

const hidden = /(^|_)(id|version|seq|hlc|dossier|row_version|recorded_at|updated_at|created_at|latitude|longitude)$|^sync_|^(wall|mono|boot|mid|dseq)$/;
const labels: Record<string, () => string> = {
  status: m.state, priority: m.priority, engineer_id: m.engineer, kind: m.kind, reason: m.reason, title: m.title, text: m.note, quantity: m.quantity,
  due_at: m.due, planned_at: m.planned, access_note: m.access_note, expected_minutes: m.expected, address: m.address,
};
const MAX_TEXT = 120;

function show(entity: string, field: string, value: unknown, name: (value: unknown) => string): string {
  if (value == null || value === '') return '';
  if (field === 'engineer_id') return name(value) || String(value);
  if (field === 'status') return entity === 'reservations' ? reservationLabel(String(value)) : statusLabel(String(value));
  if (field === 'priority') return priorityLabel(Number(value));
  if (field === 'kind' && entity === 'ticket_events') return eventLabel(String(value));
  if (field.endsWith('_at') && typeof value === 'number') return dateTime(value);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

export function changesOf(entry: HistoryEntry, name: (value: unknown) => string): FieldChange[] {
  const changed = entry.changed as Record<string, unknown> | null;
  if (!changed || typeof changed !== 'object') return [];
  return Object.entries(changed)
    .filter(([field]) => field === 'engineer_id' || !hidden.test(field))
    .map(([field, pair]) => {
      const [before, after] = Array.isArray(pair) ? (pair as unknown[]) : [null, pair];
      return { field, label: labels[field]?.() ?? field, before: show(entry.entity, field, before, name), after: show(entry.entity, field, after, name) };
    })
    .filter((change) => change.before !== '' || change.after !== '');
}
