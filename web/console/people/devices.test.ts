import '../../test/globals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Device } from '$shared/api/types';
import { fetchChecked, readable, sha256 } from '$shared/hash';
import { isBehind, matching, ordered, stateOf } from './devices';

const DAY = 86_400_000;
const device = (id: string, over: Partial<Device> = {}): Device => ({
  id, engineer_id: 'e1', engineer_name: 'Maria Lopez', platform: 'android', app_version: '0.1.0', schema: 2, enrolled_at: 0, last_seen_at: 10 * DAY, announced_seq: 0, acked_seq: 0, unconfirmed: 0, held: 0, rescues: 0, revoked_at: null, ...over,
});
afterEach(() => vi.unstubAllGlobals());

describe('a phone', () => {
  it('is fine, or quiet after a day, and once it is revoked that is all there is to say', () => {
    expect(stateOf(device('a'), 10.9 * DAY)).toBe('fine');
    expect(stateOf(device('a'), 11.1 * DAY)).toBe('quiet');
    expect(stateOf(device('a', { revoked_at: 0 }), 10 * DAY)).toBe('revoked');
  });

  it('is behind if another one knows newer documents', () => {
    expect([isBehind(device('a', { schema: 1 }), [device('b')]), isBehind(device('b'), [device('a', { schema: 1 })])]).toEqual([true, false]);
  });

  it('that is in use stands first, whoever was seen last before others', () => {
    const list = [device('gone', { revoked_at: 1, last_seen_at: 99 * DAY }), device('old'), device('new', { last_seen_at: 11 * DAY })];
    expect(ordered(list).map((one) => one.id)).toEqual(['new', 'old', 'gone']);
  });

  it('is found by its engineer or its platform', () => {
    const list = [device('a'), device('b', { engineer_name: '王建国', platform: 'ios' })];
    expect([matching(list, ' maria ').length, matching(list, '王')[0]?.id, matching(list, 'IOS')[0]?.id, matching(list, '').length]).toEqual([1, 'b', 'b', 2]);
  });
});

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;
const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

describe('bytes of a phone', () => {
  it('are read where a person can read them, and laid out if they are JSON', () => {
    expect(readable(bytes('{"a":1}'))).toBe('{\n  "a": 1\n}');
    expect(readable(bytes('门已修好'))).toBe('门已修好');
    expect(readable(new Uint8Array([0xff, 0xfe, 1]).buffer)).toBeNull();
    expect(readable(bytes('a\u0001b'))).toBeNull();
  });

  it('are checked against the hash that was promised', async () => {
    vi.stubGlobal('fetch', async () => new Response('hello'));
    expect((await fetchChecked('/x', HELLO))?.matches).toBe(true);
    expect((await fetchChecked('/x', HELLO.replace('2', '3')))?.matches).toBe(false);
  });

  it('that are not there are nothing, and a failure is a failure', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
    expect(await fetchChecked('/x', HELLO)).toBeNull();
    vi.stubGlobal('fetch', async () => new Response('', { status: 503 }));
    await expect(fetchChecked('/x', HELLO)).rejects.toThrow('503');
  });

  it('cannot be checked on a page without TLS, and are not called wrong for it', async () => {
    vi.stubGlobal('crypto', {});
    vi.stubGlobal('fetch', async () => new Response('hello'));
    expect(await sha256(bytes('hello'))).toBeNull();
    expect((await fetchChecked('/x', HELLO))?.matches).toBeNull();
  });
});
