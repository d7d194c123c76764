/** Every operation of this phone in words, and what the server said to it: what was done, where, and whose value counts. */
import { eventLabel } from '$shared/i18n/labels';
import { m, minutes, quantity } from '$shared/i18n/text';
import type { Kept as Conflict, OutboxEntry, Scalar } from '$sync';
import type { PhoneView } from '../view';
import { text } from '../words';

type Known = Pick<PhoneView, 'tickets' | 'parts' | 'rows'>;

const answers: Record<string, () => string> = { yes: m.yes, no: m.no };

function used(view: Known, set: OutboxEntry['mutation']['set']): string {
  const part = view.parts.get(text(set['part_id']));
  return m.part_used({ part: text(part?.['name']) || m.entity_part_usage(), count: quantity(Number(set['quantity']), Number(part?.['decimals'] ?? 0)) });
}

/** What was done, without where. */
function deed(view: Known, { c, op, set }: OutboxEntry['mutation']): string {
  if (op === 'patch' && c !== 'checklist_answers') return m.did_edit();
  switch (c) {
    case 'ticket_events': return eventLabel(text(set['kind'])) + (set['reason'] ? `: ${text(set['reason'])}` : '');
    case 'part_usage': return used(view, set);
    case 'notes': return [m.note(), text(set['text'])].filter(Boolean).join(': ');
    case 'labour': return m.did_labour({ time: minutes(Number(set['minutes'])) });
    case 'checklist_answers': return m.did_answer({ answer: answers[text(set['answer'])]?.() ?? text(set['answer']) });
    case 'readings': return m.did_reading({ value: `${text(set['value'])} ${text(set['unit'])}`.trim() });
    case 'photos': return m.did_photo();
    case 'signatures': return m.did_signature({ name: text(set['signed_by']) });
    case 'tickets': return m.did_ticket({ title: text(set['title']) });
    default: return c;
  }
}

export function saidOf(view: Known, entry: OutboxEntry): string {
  const { c, id, set } = entry.mutation;
  const about = c === 'tickets' ? id : text(set['ticket_id']);
  // A visit that is done is in no list any more; its row is here until the office closes it.
  const ticket = view.tickets.find((one) => one.id === about) ?? view.rows.find((row) => row.c === 'tickets' && row.id === about);
  const what = deed(view, entry.mutation);
  return ticket ? `#${text(ticket.doc['number'])} · ${what}` : what;
}

const whys: Record<string, () => string> = {
  cancelled: m.meanwhile_cancelled, closed: m.meanwhile_closed, not_yours: m.meanwhile_not_yours, already_taken: m.meanwhile_already_taken, not_assigned: m.meanwhile_not_assigned,
  already_completed: m.why_already_completed, already_begun: m.why_already_begun, not_accepted: m.why_not_accepted, unknown_site: m.why_unknown_row, unknown_ticket: m.why_unknown_row,
  unknown_row: m.why_unknown_row, unknown_part: m.why_unknown_row, unknown_question: m.why_unknown_row, no_van: m.why_no_van, unknown_schema: m.why_newer, unsupported: m.why_newer,
};
const rules: Record<string, () => string> = {
  server: m.rule_server, later: m.rule_later, device: m.rule_device, superseded: m.rule_superseded, intent: m.rule_intent, insert_only: m.rule_insert_only, unknown: m.rule_unknown,
};

/** Why it did not take effect; a code that this page does not know is shown as it is. */
export const whyOf = (entry: OutboxEntry): string => {
  const why = entry.result?.why ?? '';
  return whys[why]?.() ?? (why ? m.why_other({ code: why }) : m.conflict_text());
};

export interface Both {
  field: string;
  mine: string;
  theirs: string;
  rule: string;
}

const fields: Record<string, () => string> = { access_note: m.access_note, site_contact: m.site_contact, contact: m.site_contact, answer: m.answer, description: m.description, priority: m.priority };
const shown = (value: Scalar | undefined): string => (value == null || value === '' ? '—' : String(value));

/** Both values of every field where one gave way, and the rule by which. */
export const bothOf = (entry: OutboxEntry): Both[] =>
  Object.entries<Conflict>(entry.result?.kept ?? {}).map(([field, kept]) => ({
    field: fields[field]?.() ?? field, mine: shown(kept.device), theirs: shown(kept.server), rule: rules[kept.why]?.() ?? kept.why,
  }));
