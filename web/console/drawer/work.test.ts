import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { ticket } from '../../test/samples';
import { page, Refused, serve } from '../../test/window';
import Photos from './Photos.svelte';
import SignatureCard from './SignatureCard.svelte';
import { answerWords, isEmpty, kindWords, labourWords, minutesOf, readWork } from './work';
import WorkPanel from './WorkPanel.svelte';

const at = { ticket_id: 't1', visit_id: 'v', engineer_id: 'e1', at: 0 };
const photo = (id: string, over: object = {}) => ({ ...at, id, purpose: 'before', caption: 'Worn rollers', sha256: id.repeat(64), bytes: 1_843_200, blob: 'stored', ...over });
const signature = { ...at, id: 's', signed_by: 'Ms Ito', signed_sha256: 'b'.repeat(64), sha256: 'a'.repeat(64), bytes: 9, blob: 'stored' };
afterEach(() => locale.set('en'));

describe('what was recorded on site', () => {
  it('is said in words', () => {
    expect([answerWords('yes'), answerWords('no'), answerWords('4.5'), kindWords('door_voltage')]).toEqual(['Yes', 'No', '4.5', 'door voltage']);
    expect([labourWords('work'), labourWords(''), labourWords('stand_by')]).toEqual(['Work', 'Work', 'stand by']);
    expect(minutesOf([{ ...at, id: 'a', minutes: 50, kind: '' }, { ...at, id: 'b', minutes: 15, kind: '' }])).toBe(65);
  });

  it('has each photo as a button that says which; one that is not here yet says so', () => {
    const drawn = draw(Photos, { photos: [photo('a'), photo('b', { purpose: 'other', caption: '' }), photo('c', { blob: 'pending' })] });
    expect(drawn.tags('button').map((tag) => /aria-label="([^"]+)"/.exec(tag)?.[1])).toEqual(['Open photo: Before: Worn rollers', 'Open photo: Photo']);
    expect(drawn.tags('img').map((tag) => /src="([^"]+)"/.exec(tag)?.[1])).toEqual([`/api/v1/blobs/${'a'.repeat(64)}`, `/api/v1/blobs/${'b'.repeat(64)}`]);
    expect(drawn.text).toContain('still on the phone (1.8 MB)');
  });

  it('has who signed, and the checksum of what was signed whatever else is known', () => {
    const drawn = draw(SignatureCard, { signature });
    expect(drawn.text).toMatch(/^Ms Ito .* What was signed Loading… Checksum \(SHA-256\): b{64}$/);
    expect(draw(SignatureCard, { signature: { ...signature, blob: 'pending' } }).tags('img')).toEqual([]);
  });

  it('is on its way at first', () => {
    expect(draw(WorkPanel, { ticket: ticket() }).text).toBe('Loading…');
  });
});

describe('the server', () => {
  const lists = (over: object = {}) => Object.fromEntries(Object.entries({ 'checklist-answers': [], readings: [], photos: [], signatures: [], labour: [], ...over }).map(([what, rows]) => [`GET /api/v1/tickets/t1/${what}`, rows instanceof Refused ? rows : page(rows as unknown[])]));

  it('is asked for all five lists of a ticket', async () => {
    const asked = serve(lists({ labour: [{ ...at, id: 'l', minutes: 50, kind: 'work' }], photos: [photo('a')] }));
    const work = await readWork('t1');
    expect([asked.length, work.photos.length, minutesOf(work.labour), isEmpty(work)]).toEqual([5, 1, 50, false]);
    serve(lists());
    expect(isEmpty(await readWork('t1'))).toBe(true);
  });

  it('that refuses one of them has answered nothing: half a record would look like a whole one', async () => {
    serve(lists({ signatures: new Refused(503) }));
    await expect(readWork('t1')).rejects.toMatchObject({ status: 503 });
  });
});
