/** Files that one can take along: where they are, and what a label file is asked for with. */
export const FORMATS = ['csv', 'xlsx'] as const;
export const EXPORTS = ['parts', 'stock', 'low-stock', 'levels', 'movements', 'purchase-list'] as const;
export type Export = (typeof EXPORTS)[number];

/** The first instant of a day of the reader's calendar, `2026-11-23`, and of the day after; null where it is no day. */
export function dayStart(day: string, after = 0): number | null {
  const [year, month, date] = day.split('-').map(Number);
  return year && month && date ? new Date(year, month - 1, date + after).getTime() : null;
}

/** Only movements are of a time: from the first day to the end of the last. */
export function exportLink(what: Export, format: string, from = '', until = ''): string {
  if (what === 'purchase-list') return `/api/v1/purchase-list.${format}`;
  const [start, end] = [dayStart(from), dayStart(until, 1)];
  const query = new URLSearchParams(what === 'movements' ? [...(start === null ? [] : [['from', String(start)]]), ...(end === null ? [] : [['until', String(end)]])] : []);
  return `/api/v1/exports/${what}.${format}${query.size > 0 ? `?${query}` : ''}`;
}

export const LABEL_KINDS = ['parts', 'places', 'engineers'] as const;
export type LabelKind = (typeof LABEL_KINDS)[number];
export const SYMBOLS = ['qr', 'data-matrix', 'code-128'] as const;
export const LAYOUTS = ['sheet', 'roll'] as const;
/** On one sheet; the server takes no more chosen labels than this, and all that are in use otherwise. */
export const ON_A_SHEET = 24;
export const MOST_CHOSEN = 100;

export interface LabelWish {
  kind: LabelKind;
  ids: string[];
  symbol: string;
  layout: string;
  /** Labels that are gone from the first sheet. */
  skip: number;
}

export function labelLink(wish: LabelWish): string {
  const query = new URLSearchParams({ kind: wish.kind, symbol: wish.symbol, layout: wish.layout });
  if (wish.ids.length > 0) query.set('ids', wish.ids.join(','));
  if (wish.layout === 'sheet' && wish.skip > 0) query.set('skip', String(Math.min(wish.skip, ON_A_SHEET - 1)));
  return `/api/v1/labels.pdf?${query}`;
}
