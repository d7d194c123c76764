/** What a phone may write, by collection: the same table as the server's (PROTOCOL.md), which has the last word. */

const INSERTS = new Set([
  'tickets',
  'ticket_events',
  'part_usage',
  'labour',
  'notes',
  'checklist_answers',
  'readings',
  'photos',
  'signatures',
]);

const EDITS: Record<string, readonly string[]> = {
  tickets: ['access_note', 'site_contact'],
  sites: ['access_note', 'contact'],
  assets: ['description', 'manufacturer', 'model', 'meter_reading'],
};
const FIXED_ANSWER = ['ticket_id', 'visit_id', 'engineer_id', 'question_id', 'question'];

/** Rows of this collection are the phone's to make. */
export const takesInserts = (c: string): boolean => INSERTS.has(c);

/** An insert into it asks for a move. */
export const isIntent = (c: string): boolean => c === 'ticket_events';

/** The column goes to the last writer, phones included. */
export function takesEdits(c: string, column: string): boolean {
  if (c === 'checklist_answers') return !FIXED_ANSWER.includes(column);
  return EDITS[c]?.includes(column) ?? false;
}
