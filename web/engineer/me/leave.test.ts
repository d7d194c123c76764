import 'fake-indexeddb/auto';
import '../../test/globals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Device } from '$sync';
import { Refused, serve } from '../../test/window';
import { BlobStore, sha256Of } from '../blobs/store';
import { codeIn } from '../enrol';
import { offers, offersIn } from '../offers.svelte';
import { erase, rescued, sealed } from './leave';

let databases = 0;
async function phone() {
  databases += 1;
  const transport = { enrol: async () => ({ token: 't', epoch: 'e1', server_time: 1, policy: { engineer_id: 'E7' } }) };
  const device = await Device.open({ name: `leave-${databases}`, transport: transport as never });
  await device.enrol({ platform: 'web', app_version: '1' });
  await device.claim('T1');
  return { device, blobs: await BlobStore.open(`leave-blobs-${databases}`) };
}
afterEach(() => vi.unstubAllGlobals());

describe('leaving', () => {
  it('erases nothing while work waits, unless it was taken along', async () => {
    const { device, blobs } = await phone();
    await blobs.add(new ArrayBuffer(3), { kind: 'photo', ticket_id: 'T1', type: 'image/jpeg', made_at: 1 });
    await expect(erase(device, blobs, false)).rejects.toThrow('work_waits');
    expect([(await device.waiting()).length, (await blobs.all()).length]).toEqual([1, 1]);
    await erase(device, blobs, true);
    expect([await device.waiting(), await blobs.all(), await device.identity()]).toEqual([[], [], undefined]);
  });

  it('takes the work along in a file that says nothing without its key', async () => {
    const { device } = await phone();
    const { file, key } = await sealed(device);
    expect(new TextDecoder('latin1').decode(file.slice(0, 4))).toBe('FTLR');
    expect(new TextDecoder('latin1').decode(file)).not.toContain('claim');
    expect(key).toMatch(/^[\w-]{43}$/);
    expect((await sealed(device)).key).not.toBe(key);
  });

  it('counts as rescued only when the server has these very bytes', async () => {
    const file = new Uint8Array([1, 2, 3]);
    serve({ 'POST /sync/v1/rescue': { sha256: await sha256Of(file) } });
    expect(await rescued('t', file)).toBe(true);
    serve({ 'POST /sync/v1/rescue': { sha256: 'other' } });
    expect(await rescued('t', file)).toBe(false);
    serve({ 'POST /sync/v1/rescue': new Refused(0) });
    expect(await rescued('t', file)).toBe(false);
  });
});

describe('a code for a phone', () => {
  it.each([
    ['7ab0-cd1e-fghj', '7AB0-CD1E-FGHJ'], [' 7AB0 CD1E FGHJ ', '7AB0-CD1E-FGHJ'], ['https://fettle.example/phone#enrol=7AB0-CD1E-FGHJ', '7AB0-CD1E-FGHJ'],
    [']Q1https://fettle.example/phone#enrol=7AB0CD1EFGHJ', '7AB0-CD1E-FGHJ'], ['', null], ['abc', null], ['https://fettle.example/phone', null],
  ])('in %j', (typed, code) => {
    expect(codeIn(typed)).toBe(code);
  });
});

describe('what is offered to all', () => {
  const offer = { id: 'T9', number: 9, title: 'Doors', priority: 1, address: '1 Main St', due_at: null };

  it('is remembered without a network, and for this engineer alone', async () => {
    serve({ 'GET /sync/v1/offers': { items: [offer] } });
    await offers.ask('E7', 'token');
    serve({ 'GET /sync/v1/offers': new Refused(0) });
    await offers.ask('E7', 'token');
    expect(offers.list).toEqual([offer]);
    await offers.ask('E8');
    expect(offers.list).toEqual([]);
  });

  it('is nothing where an answer is none', () => {
    expect([offersIn(null), offersIn({ items: 'x' }), offersIn({ items: [null, { title: 'no id' }, offer] })]).toEqual([[], [], [offer]]);
  });
});
