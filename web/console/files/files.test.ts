import '../../test/globals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { importInvenTree } from '$shared/api/client';
import { locale } from '$shared/i18n/text';
import FaultTable from '$shared/ui/FaultTable.svelte';
import { draw } from '../../test/render';
import { Refused, serve } from '../../test/window';
import { dayStart, exportLink, labelLink } from './export-links';
import FilesPage from './FilesPage.svelte';
import { goodRows, sortFiles, tableOf } from './inventree';

const file = (name: string) => new File(['pk,name\n1,Relay\n'], name);
afterEach(() => {
  vi.unstubAllGlobals();
  locale.set('en');
});

describe('the files of an export', () => {
  it.each([
    ['parts.csv', 'parts'], ['Parts.XLSX', 'parts'], ['stock items.csv', 'stock_items'], ['supplier-price-breaks.csv', 'supplier_price_breaks'], ['parts (1).csv', 'parts'],
    ['stock_locations_2026-11-22.csv', 'stock_locations'], ['parts.pdf', undefined], ['parts', undefined], ['my parts.csv', undefined],
  ] as const)('%s is the table %s', (name, table) => {
    expect(tableOf(name)).toBe(table);
  });

  it('are told apart from others, and from a second one of the same', () => {
    const { known, others } = sortFiles([file('parts.csv'), file('readme.txt'), file('bom.csv'), file('parts (1).csv')]);
    expect([[...known.keys()], others]).toEqual([['parts', 'bom'], ['readme.txt', 'parts (1).csv']]);
  });

  it('have as many good rows as are neither faulty nor left out, whatever a dry run imports', () => {
    const fault = (row: number, file = 'parts') => ({ file, row, column: 'name', code: 'required', message: 'is needed' });
    const parts = { file: 'parts', rows: 10, imported: 0, left_out: 3 };
    expect(goodRows({ files: [parts], imported: 0, fault_count: 3, faults: [fault(1), fault(1), fault(4), fault(4, 'bom')] }, parts)).toBe(5);
    expect(goodRows({ files: [parts], imported: 0, fault_count: 0, faults: [] }, { ...parts, rows: 2 })).toBe(0);
  });

  it('are sent together, each under the name of its table, with what is asked for', async () => {
    const sent: { url: string; form: FormData }[] = [];
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      sent.push({ url, form: init.body as FormData });
      return new Response(JSON.stringify({ imported: 1, fault_count: 0, faults: [], files: [] }));
    });
    await importInvenTree(new Map([['parts', file('Parts (1).csv')]]), { mode: 'rows', dry_run: 'true' });
    expect(sent[0]?.url).toBe('/api/v1/import/inventree?mode=rows&dry_run=true');
    expect([...(sent[0]?.form.keys() ?? [])]).toEqual(['parts']);
  });

  it('that are refused as a whole are a problem with its fields', async () => {
    serve({ 'POST /api/v1/import/inventree': new Refused(422, { code: 'invalid', errors: [{ field: 'latitude', code: 'required', message: 'is needed' }] }) });
    await expect(importInvenTree(new Map(), {})).rejects.toMatchObject({ status: 422, faults: [{ field: 'latitude' }] });
  });
});

describe('a file for a spreadsheet', () => {
  it('is a link, of a time for movements alone', () => {
    expect(exportLink('stock', 'xlsx', '2026-11-01', '2026-11-02')).toBe('/api/v1/exports/stock.xlsx');
    expect(exportLink('purchase-list', 'csv')).toBe('/api/v1/purchase-list.csv');
    expect(exportLink('movements', 'csv')).toBe('/api/v1/exports/movements.csv');
    const query = new URL(exportLink('movements', 'csv', '2026-11-01', '2026-11-01'), 'http://localhost').searchParams;
    expect([Number(query.get('from')), Number(query.get('until'))]).toEqual([new Date(2026, 10, 1).getTime(), new Date(2026, 10, 2).getTime()]);
  });

  it('has days of the calendar, also over the end of a month', () => {
    expect(dayStart('2026-11-30', 1)).toBe(new Date(2026, 11, 1).getTime());
    expect(dayStart('')).toBeNull();
  });
});

describe('labels', () => {
  it('are all that are in use, or those that were chosen', () => {
    const wish = { kind: 'parts' as const, ids: [], symbol: 'qr', layout: 'roll', skip: 3 };
    expect(labelLink(wish)).toBe('/api/v1/labels.pdf?kind=parts&symbol=qr&layout=roll');
    expect(labelLink({ ...wish, ids: ['a', 'b'], layout: 'sheet' })).toBe('/api/v1/labels.pdf?kind=parts&symbol=qr&layout=sheet&ids=a%2Cb&skip=3');
    expect(labelLink({ ...wish, layout: 'sheet', skip: 99 })).toContain('skip=23');
  });
});

describe('faults of rows', () => {
  const fault = (over: object = {}) => ({ row: 7, column: 'quantity', code: 'required', message: 'is needed', ...over });

  it('are told by row and column, and by file where there are several', () => {
    expect(draw(FaultTable, { faults: [fault()], count: 1 }).text).toBe('Row Column Fault 7 quantity This is needed.');
    expect(draw(FaultTable, { faults: [fault({ file: 'stock_items', column: null })], count: 1 }).text).toBe('File Row Column Fault stock_items 7 – This is needed.');
  });

  it('that are many are cut, and it is said', () => {
    const many = draw(FaultTable, { faults: Array.from({ length: 300 }, () => fault()), count: 1_200 });
    expect([many.tags('tr').length, many.text.includes('The first 200 of 1,200 faults.')]).toEqual([201, true]);
  });
});

describe('the page', () => {
  it('has every export in both formats, each link saying what it is', () => {
    const drawn = draw(FilesPage, {});
    expect(drawn.tags('a').filter((tag) => tag.includes(' download'))).toHaveLength(12);
    expect(drawn.html).toContain('aria-label="Stock: what is where as XLSX"');
    expect(drawn.text).toContain('Import from InvenTree');
  });

  it('is in Chinese for who reads Chinese', () => {
    locale.set('zh-CN');
    expect(draw(FilesPage, {}).text.replace(/InvenTree|CSV|XLSX|PDF|QR|Data Matrix|Code 128|A4/g, '')).not.toMatch(/[a-z]{3}/i);
  });
});
