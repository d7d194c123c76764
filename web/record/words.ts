/** What is wrong with a bundle, in the reader's words; and what an entry says, field by field. */
import { m } from '$shared/i18n/text';
import type { Report, Fault } from './check';

type Words = (inputs: { entry: string }) => string;
const words: Record<Fault['code'], Words> = {
  altered: m.record_fault_altered, chain: m.record_fault_chain, foreign: m.record_fault_foreign, format: m.record_fault_format,
  head: m.record_fault_head, key: m.record_fault_key, last: m.record_fault_last, missing: m.record_fault_missing,
  open: m.record_fault_text, open_withheld: m.record_fault_withheld, order: m.record_fault_order, personal: m.record_fault_text,
  personal_withheld: m.record_fault_withheld, statement: m.record_fault_statement, twice: m.record_fault_twice,
  unreadable: m.record_fault_unreadable, why: m.record_fault_why,
};

export const faultText = ({ code, entry }: Fault): string => words[code]({ entry: String(entry ?? '') });

export interface Line {
  key: number;
  entry: number;
  number: number;
  at: number;
  who: string;
  device: string | null;
  entity: string;
  changes: { field: string; before: string; after: string }[];
  /** Something of it is not there. */
  gone: boolean;
  why: string | null;
  faults: Fault[];
}

type Row = Record<string, unknown>;
const asText = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));

function rowOf(...texts: (string | undefined)[]): Row {
  const rows = texts.map((text): unknown => {
    try {
      return text === undefined ? {} : JSON.parse(text);
    } catch {
      return {};
    }
  });
  return Object.assign({}, ...rows) as Row;
}

/** The entries as people read them: each compared with the one before it of the same row. */
export function linesOf(report: Report): Line[] {
  const before = new Map<string, Row>();
  return report.entries.map(({ leaf, proved }, key) => {
    const place = `${leaf.entity} ${leaf.row_id}`;
    const [old, row] = [before.get(place) ?? {}, rowOf(proved.open?.text, proved.personal?.text)];
    before.set(place, row);
    const changed = Object.keys(row).filter((field) => asText(row[field]) !== asText(old[field]));
    const changes = changed.map((field) => ({ field, before: asText(old[field]), after: asText(row[field]) }));
    const gone = proved.open === null || (proved.personal === null && leaf.personal !== null);
    const faults = report.faults.filter((fault) => fault.entry === leaf.entry && fault.code !== 'unreadable');
    return { key, entry: leaf.entry, number: leaf.number, at: leaf.at, who: leaf.actor, device: leaf.device_id, entity: leaf.entity, changes, gone, why: proved.why, faults };
  });
}
