// The small parts: pauses, clocks, ids, bodies.
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff';
import { systemClock } from './clock';
import { pack } from './gzip';
import { tagOf } from './hlc';
import { uuidv7 } from './ids';

describe('pauses', () => {
  it('double from a second to five minutes, and are spread over their upper half', () => {
    const [least, most] = [new Backoff(() => 0), new Backoff(() => 1)];
    expect(Array.from({ length: 11 }, () => most.failed(0))).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((s) => s * 1_000));
    expect(Array.from({ length: 3 }, () => least.failed(0))).toEqual([500, 1_000, 2_000]);
  });

  it('are as long as the server asks, but never longer than an hour', () => {
    expect(new Backoff(() => 0).failed(0, 7_000)).toBe(7_000);
    expect(new Backoff(() => 0).failed(0, 7 * 86_400_000)).toBe(3_600_000);
  });

  it('pass, and end at once when it went well', () => {
    const pause = new Backoff(() => 1);
    pause.failed(10_000);
    expect([pause.left(10_000), pause.left(10_400), pause.left(12_000)]).toEqual([1_000, 600, 0]);
    pause.reset();
    expect([pause.left(10_000), pause.failed(0)]).toEqual([0, 1_000]);
  });
});

describe('the clocks', () => {
  it('begin a new count when the phone slept, for the old one stood still', () => {
    let [wall, mono] = [1_000_000, 500];
    const clock = systemClock(() => wall, () => mono);
    const before = clock();
    [wall, mono] = [1_060_000, 60_500];
    expect(clock()).toEqual({ wall, mono, boot: before.boot });
    [wall, mono] = [9_000_000, 61_000];
    const after = clock();
    expect(after.boot).not.toBe(before.boot);
    expect(clock().boot).toBe(after.boot);
  });

  it('keep their count when the wall clock is set back', () => {
    let [wall, mono] = [5_000_000, 500];
    const clock = systemClock(() => wall, () => mono);
    const before = clock();
    [wall, mono] = [1_000_000, 1_500];
    expect(clock()).toMatchObject({ mono: 1_500, boot: before.boot });
  });
});

describe('ids', () => {
  it('are UUIDv7, and sort by when they were made', () => {
    expect(uuidv7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidv7(0x0198f3c27b00)).toMatch(/^0198f3c2-7b00-7/);
    expect(uuidv7(1_763_769_600_001) > uuidv7(1_763_769_600_000)).toBe(true);
    expect(new Set(Array.from({ length: 1_000 }, () => uuidv7(1))).size).toBe(1_000);
  });

  it('end in the writer’s tag', () => {
    expect([tagOf('0198f3c1-0d2e-7b3c-9a41-5e6f708192d9'), tagOf('')]).toEqual(['708192d9', '0']);
  });
});

describe('bodies', () => {
  it('are packed from a kilobyte on, and only if they get smaller', async () => {
    expect((await pack('x'.repeat(1_023))).body).toBe('x'.repeat(1_023));
    const packed = await pack('x'.repeat(5_000));
    expect(gunzipSync(packed.body as Uint8Array).toString()).toBe('x'.repeat(5_000));
    expect(packed.headers).toEqual({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' });
    const noise = Array.from({ length: 30 }, (_, i) => String.fromCharCode(33 + ((i * 37) % 90))).join('');
    expect((await pack(noise, 1)).headers).not.toHaveProperty('Content-Encoding');
  });
});
