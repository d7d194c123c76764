import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import type { Note, Reader } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { page, Refused, serve } from '../../test/window';
import NameList from './NameList.svelte';
import NoteBox from './NoteBox.svelte';
import NoteList from './NoteList.svelte';
import { Readers } from './readers.svelte';
import Watchers from './Watchers.svelte';

const reader = (user_id: string, display_name: string, over: Partial<Reader> = {}): Reader => ({ user_id, display_name, login: user_id, role: 'dispatcher', watches: false, ...over });
const note = (over: Partial<Note> = {}): Note => ({ id: 'n', ticket_id: 't', visit_id: 'v', engineer_id: null, author: 'dora', at: 0, text: 'Ring twice', audience: 'team', mentions: [], ...over });
const READERS = 'GET /api/v1/tickets/t/readers';
afterEach(() => locale.set('en'));

describe('who watches', () => {
  it('is named, can be taken off, and others can be asked', async () => {
    serve({ [READERS]: page([reader('d', 'Dora Reyes', { watches: true }), reader('w', 'Wang Wei')]) });
    const readers = new Readers('t');
    await readers.load();
    const { text, html } = draw(Watchers, { readers });
    expect(text).toMatch(/Watch .*Dora Reyes .*Ask somebody to watch/);
    expect(html).toContain('aria-label="Dora Reyes watches no more"');
    expect(readers.others.map((one) => one.user_id)).toEqual(['w']);
  });

  it('is asked by one request, and what is so then is shown', async () => {
    let watches = false;
    const asked = serve({ [READERS]: () => page([reader('w', 'Wang Wei', { watches })]), 'PUT /api/v1/tickets/t/watchers/w': () => { watches = true; return {}; }, 'DELETE /api/v1/tickets/t/watchers/w': new Refused(503) });
    const readers = new Readers('t');
    await readers.load();
    await readers.watch('w', true);
    expect(readers.watching.map((one) => one.user_id)).toEqual(['w']);
    await readers.watch('w', false);
    expect([readers.watching.length, readers.busy]).toEqual([1, false]);
    expect(asked.filter((one) => one.method !== 'GET').map((one) => one.method)).toEqual(['PUT', 'DELETE']);
  });

  it('says that nobody does, and that it could not be read', async () => {
    serve({ [READERS]: page([]) });
    const readers = new Readers('t');
    await readers.load();
    expect(draw(Watchers, { readers }).text).toContain('Nobody watches');
    serve({});
    await readers.load();
    expect(draw(Watchers, { readers }).tags('button')[0]).toContain('disabled');
  });
});

describe('notes', () => {
  it('say for whom they are, if not for the team, and set names apart', () => {
    clock.set(0, 0);
    const readers = [reader('d', 'Dora Reyes')];
    const { text, html } = draw(NoteList, { notes: [note(), note({ id: 'o', audience: 'office', text: 'For @Dora Reyes', mentions: ['d'] }), note({ id: 'c', audience: 'customer', text: 'For you @Dora Reyes' })], ticketId: note().ticket_id, readers });
    expect(text.match(/Office only|Customer too|Team/g)).toEqual(['Office only', 'Customer too']);
    expect(html.match(/<strong[^>]*>@Dora Reyes/g)).toHaveLength(1);
  });

  it('are written for the team unless one says otherwise', () => {
    const { html, text } = draw(NoteBox, { ticketId: 't', readers: [], onsent: () => undefined });
    expect(text).toContain('The office and the engineer read it.');
    expect(html).toMatch(/<option value="team"[^>]*selected/);
    locale.set('zh-CN');
    expect(draw(NoteBox, { ticketId: 't', readers: [], onsent: () => undefined }).text).toContain('调度和负责的工程师可见');
  });

  it('offer names as a list with one that Enter takes', () => {
    const { tags } = draw(NameList, { id: 'x', names: [reader('d', 'Dora'), reader('w', 'Wang')], at: 1, onchoose: () => undefined });
    expect(tags('li').map((tag) => /aria-selected="(\w+)"/.exec(tag)?.[1])).toEqual(['false', 'true']);
    expect(tags('li')[1]).toContain('id="x-1"');
  });
});
