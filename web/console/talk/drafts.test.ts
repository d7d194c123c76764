import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import { draw } from '../../test/render';
import { serve } from '../../test/window';
import Handover from '../shift/Handover.svelte';
import { drafts, HANDOVER } from './drafts';
import NoteBox from './NoteBox.svelte';

afterEach(() => ['t1', 't2', HANDOVER].forEach(drafts.drop));

describe('what was begun and not sent', () => {
  it('is there again with its ticket, and with no other', () => {
    serve({});
    drafts.keep('t1', { text: 'Ring twice', audience: 'customer', named: [] });
    const box = (ticketId: string) => draw(NoteBox, { ticketId, readers: [], onsent: () => undefined });
    expect(box('t1').html).toContain('Ring twice');
    expect(box('t1').html).toMatch(/<form class="customer/);
    expect(box('t2').html).not.toContain('Ring twice');
  });

  it('is there again in the hand-over', () => {
    drafts.keep(HANDOVER, { text: 'Mrs Li calls' });
    expect(draw(Handover, { onacted: () => undefined }).html).toContain('Mrs Li calls');
  });

  it('is nothing when it is emptied or sent', () => {
    drafts.keep('t1', { text: 'x' });
    drafts.keep('t1', { text: '  ' });
    drafts.keep('t2', { text: 'x' });
    drafts.drop('t2');
    expect([drafts.of('t1'), drafts.of('t2')]).toEqual([undefined, undefined]);
  });
});
