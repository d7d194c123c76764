/** Which file of a folder is which table of an export: by its name, as the export names it. */
import type { SetReport } from '$shared/api/types';

export const TABLES = ['parts', 'stock_locations', 'stock_items', 'bom', 'bom_substitutes', 'supplier_parts', 'supplier_price_breaks', 'stock_tracking'] as const;
export type Table = (typeof TABLES)[number];

export interface Sorted {
  known: Map<Table, File>;
  /** Names of files that are none of the tables, or a second one of the same. */
  others: string[];
}

/** Rows with which nothing is known to be wrong; a dry run imports none, and says only what is wrong. */
export function goodRows(report: SetReport, file: SetReport['files'][number]): number {
  const faulty = new Set(report.faults.filter((fault) => fault.file === file.file).map((fault) => fault.row));
  return Math.max(0, file.rows - file.left_out - faulty.size);
}

/** "Parts (1).csv" and "parts.xlsx" are both the table of parts. */
export function tableOf(name: string): Table | undefined {
  const stem = name.toLowerCase().replace(/\.(csv|xlsx)$/, '').replace(/[\s_-]*(\(\d+\)|\d{4}-\d{2}-\d{2})$/, '').replace(/[\s-]+/g, '_');
  return /\.(csv|xlsx)$/i.test(name) ? TABLES.find((table) => table === stem) : undefined;
}

export function sortFiles(files: Iterable<File>): Sorted {
  const known = new Map<Table, File>();
  const others: string[] = [];
  for (const file of files) {
    const table = tableOf(file.name);
    if (table && !known.has(table)) known.set(table, file);
    else others.push(file.name);
  }
  return { known, others };
}
