/** A table of policies as it is edited, each row in its order, and as it is sent. Empty fields ask for nothing. */
import type { Agreement, Pause, Table, TableRow, Target, Unit, When } from './shapes';

export interface Draft {
  /** To tell rows apart while they are edited. */
  key: number;
  name: string;
  priority: string;
  type: string;
  customer: string;
  contract: string;
  channel: string;
  response: string;
  responseUnit: Unit;
  resolution: string;
  resolutionUnit: Unit;
  internal: AgreementDraft[];
}
export interface AgreementDraft {
  key: number;
  name: string;
  until: Agreement['until'];
  amount: string;
  unit: Unit;
}

export interface TableDraft {
  name: string;
  rows: Draft[];
  /** Reasons for which a waiting ticket's clock stands; empty for any. */
  reasons: string;
  stops: boolean;
  /** Other rules about pauses, which this page keeps as they are. */
  others: Pause[];
}

let keys = 0;
const listed = (values: string[] | undefined): string => (values ?? []).join(', ');
export const split = (text: string): string[] => text.split(/[,，、]/).map((one) => one.trim()).filter(Boolean);

export const MOST_AGREEMENTS = 10;
export const blankAgreement = (): AgreementDraft => ({ key: (keys += 1), name: '', until: 'response', amount: '', unit: 'minutes' });
const agreementOf = ({ name, until, within }: Agreement): AgreementDraft => ({ key: (keys += 1), name, until, amount: String(within.amount), unit: within.unit });

export const blank = (): Draft =>
  ({ key: (keys += 1), name: '', priority: '', type: '', customer: '', contract: '', channel: '', response: '', responseUnit: 'minutes', resolution: '', resolutionUnit: 'hours', internal: [] });

const draftOf = ({ name, when = {}, response, resolution, internal = [] }: TableRow): Draft => ({
  key: (keys += 1), name, priority: listed(when.priority), type: listed(when.type), customer: listed(when.customer), contract: listed(when.contract), channel: listed(when.channel),
  response: response ? String(response.amount) : '', responseUnit: response?.unit ?? 'minutes', resolution: resolution ? String(resolution.amount) : '', resolutionUnit: resolution?.unit ?? 'hours',
  internal: internal.map(agreementOf),
});

/** The one rule that this page edits: waiting stops the resolution. */
const isOurs = (pause: Pause): boolean => pause.state === 'waiting' && pause.targets?.length === 1 && pause.targets[0] === 'resolution';

export function draftsOf(table: Table): TableDraft {
  const pauses = table.pauses ?? [];
  const ours = pauses.find(isOurs);
  return { name: table.name, rows: table.rows.map(draftOf), reasons: listed(ours?.reasons), stops: ours !== undefined, others: pauses.filter((pause) => pause !== ours) };
}

const target = (amount: string, unit: Unit): Target | undefined => (amount.trim() === '' ? undefined : { amount: Number(amount), unit });

function rowOf(draft: Draft): TableRow {
  const when: When = {};
  for (const key of ['priority', 'type', 'customer', 'contract', 'channel'] as const) {
    const values = split(draft[key]);
    if (values.length > 0) when[key] = values;
  }
  const [response, resolution] = [target(draft.response, draft.responseUnit), target(draft.resolution, draft.resolutionUnit)];
  const internal = draft.internal.map(({ name, until, amount, unit }): Agreement => ({ name: name.trim(), until, within: { amount: Number(amount), unit } }));
  return { name: draft.name.trim(), ...(Object.keys(when).length > 0 ? { when } : {}), ...(response ? { response } : {}), ...(resolution ? { resolution } : {}), ...(internal.length > 0 ? { internal } : {}) };
}

export function tableOf(draft: TableDraft): Table {
  const reasons = split(draft.reasons);
  const ours: Pause[] = draft.stops ? [{ state: 'waiting', ...(reasons.length > 0 ? { reasons } : {}), targets: ['resolution'] }] : [];
  const pauses = [...ours, ...draft.others];
  return { name: draft.name.trim(), rows: draft.rows.map(rowOf), ...(pauses.length > 0 ? { pauses } : {}) };
}

/** Whether there is anything to save. */
export const differs = (draft: TableDraft, known: Table): boolean => JSON.stringify(tableOf(draft)) !== JSON.stringify(tableOf(draftsOf(known)));

/** The row moved by one, or the same list where it cannot go further: the first row that fits holds. */
export function moved(rows: readonly Draft[], at: number, by: -1 | 1): Draft[] {
  const next = [...rows];
  const [row, other] = [next[at], next[at + by]];
  if (row && other) [next[at], next[at + by]] = [other, row];
  return next;
}

/** Where the server may find a fault that a field of this page shows. */
export const faultFields = (rows: number): string[] =>
  ['body.name', ...Array.from({ length: rows }, (_, i) => ['name', 'when', 'response', 'response.amount', 'resolution', 'resolution.amount', 'internal', ...Array.from({ length: MOST_AGREEMENTS }, (__, n) => ['name', 'within.amount'].map((part) => `internal[${n}].${part}`)).flat(), ''].map((field) => `body.rows[${i}]${field && `.${field}`}`)).flat()];
