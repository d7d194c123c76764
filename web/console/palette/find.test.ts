// What the palette finds and would change, with the pages' own modules against the stand-in server over HTTP.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Engineer, Ticket } from '$shared/api/types';
import { standIn, type StandIn } from '../../test/stand-in';

let server: StandIn;
let palette: typeof import('./find');
beforeAll(async () => {
  vi.resetModules();
  server = await standIn();
  palette = await import('./find');
  await server.as('dispatch');
});
afterAll(() => server.close());
const items = async <T>(path: string) => (await server.call<{ items: T[] }>('GET', path)).body.items;
const waiting = async () => (await items<Ticket>('/tickets?status=new&limit=1'))[0] as Ticket;

describe('the palette', () => {
  it('finds people and parts by their names, and screens by theirs', async () => {
    const [engineer] = await items<Engineer>('/engineers?limit=1') as [Engineer];
    expect(await palette.find(engineer.name)).toContainEqual(expect.objectContaining({ title: engineer.name, sub: engineer.code, href: `/people?id=${engineer.id}` }));
    expect((await palette.find('catal')).map((one) => one.href)).toContain('/catalogue');
    expect((await palette.find('')).map((one) => one.href)).toEqual(['/', '/planning', '/customers', '/people', '/catalogue']);
  });

  it('says what a command would change, with its price, and changes nothing', async () => {
    const ticket = await waiting();
    const change = await palette.changeOf({ ticket: ticket.number, engineer: null });
    if (typeof change === 'string') throw new Error(change);
    expect([change.ticket.id, change.verdict?.grade, change.verdict?.engineer_id]).toEqual([ticket.id, 'fits', change.engineer.id]);
    const again = await palette.changeOf({ ticket: ticket.number, engineer: change.engineer.code });
    expect(again).toMatchObject({ engineer: { id: change.engineer.id }, verdict: { grade: 'fits' } });
    expect((await waiting()).id).toBe(ticket.id);
  });

  it('says what it does not know', async () => {
    const { number } = await waiting();
    expect(await palette.changeOf({ ticket: 999_999, engineer: null })).toContain('999999');
    expect(await palette.changeOf({ ticket: number, engineer: 'E-999' })).toContain('E-999');
  });

  it('knows for which words an answer is', async () => {
    const { number } = await waiting();
    expect(await palette.answerTo('catal')).toMatchObject({ words: 'catal', change: null, trouble: '' });
    expect(await palette.answerTo(`assign ${number}`)).toMatchObject({ words: `assign ${number}`, entries: [], change: { ticket: { number } }, trouble: '' });
    expect((await palette.answerTo('assign 999999')).trouble).toContain('999999');
  });

  it('on Enter does what is shown; on one that came before it only goes to a page', () => {
    const entry = (key: string, run?: () => void) => ({ key, kind: () => '', title: '', sub: '', href: '/', ...(run ? { run } : {}) });
    const list = { ...palette.NOTHING, entries: [entry('page'), entry('deed', () => undefined)] };
    const change = { ...palette.NOTHING, change: {} as never };
    expect([palette.onEnter(list, 0, false), palette.onEnter(list, 1, false), palette.onEnter(change, 0, false)]).toMatchObject([{ key: 'page' }, { key: 'deed' }, 'apply']);
    expect([palette.onEnter(list, 0, true), palette.onEnter(list, 1, true), palette.onEnter(change, 0, true)]).toEqual([list.entries[0], null, null]);
    expect(palette.onEnter(palette.NOTHING, 0, false)).toBeNull();
  });
});
