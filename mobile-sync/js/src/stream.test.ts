// The stream, over a fetch of our own.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventCutter, listen } from './stream';

const HELLO = 'retry: 3000\n\nevent: hello\ndata: {"server_time":1}\n\n';
const POKE = 'event: poke\ndata: {"cursor":7}\n\n';
const encoder = new TextEncoder();

/** A server whose streams are written by the test. */
function server() {
  const asked: { url: string; token: string | null }[] = [];
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  let status = 200;
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    asked.push({ url, token: new Headers(init.headers).get('Authorization') });
    if (status !== 200) return new Response('{}', { status });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        streams.push(controller);
        init.signal?.addEventListener('abort', () => controller.error(new Error('cut')));
      },
    });
    return new Response(body);
  };
  return { asked, fetch, refuse: (code: number) => (status = code), say: (text: string) => streams.at(-1)?.enqueue(encoder.encode(text)), hangUp: () => streams.at(-1)?.close() };
}

function listening(over: ReturnType<typeof server>, silenceMs?: number) {
  const end = new AbortController();
  const heard: boolean[] = [];
  const onpoke = vi.fn();
  const over_ = listen({ url: 'http://s', token: async () => 't', fetch: over.fetch, onpoke, onheard: (now) => heard.push(now), signal: end.signal, random: () => 1, ...(silenceMs ? { silenceMs } : {}) });
  return { end, heard, onpoke, done: over_ };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('events', () => {
  it('are cut where they end, however the network cut them', () => {
    const cutter = new EventCutter();
    const found = [...(HELLO + ': quiet\n\n' + POKE)].flatMap((letter) => cutter.cut(letter));
    expect(found).toEqual([{ name: 'hello', data: '{"server_time":1}' }, { name: 'poke', data: '{"cursor":7}' }]);
    expect(cutter.retryMs).toBe(3_000);
    expect(cutter.cut('event: wipe\r\ndata: {}\r\n\r\n')).toEqual([{ name: 'wipe', data: '{}' }]);
  });
});

describe('a phone that listens', () => {
  it('pulls at once, and whenever the feed has moved', async () => {
    const over = server();
    const phone = listening(over);
    await settle();
    expect(over.asked).toEqual([{ url: 'http://s/sync/v1/stream', token: 'Bearer t' }]);
    over.say(HELLO);
    await settle();
    expect([phone.onpoke.mock.calls.length, phone.heard]).toEqual([1, [true]]);
    over.say(POKE + POKE);
    await settle();
    expect(phone.onpoke).toHaveBeenCalledTimes(3);
    phone.end.abort();
    await phone.done;
  });

  it('comes back after the pause that the server names, and later each time that it is not let in', async () => {
    const over = server();
    const phone = listening(over);
    await settle();
    over.say(HELLO);
    over.hangUp();
    await settle();
    expect(phone.heard).toEqual([true, false]);
    over.refuse(503);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(over.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(over.asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(over.asked).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(3_999);
    expect(over.asked).toHaveLength(3);
    phone.end.abort();
    await phone.done;
  });

  it('takes a silent stream for dead', async () => {
    const over = server();
    const phone = listening(over, 45_000);
    await settle();
    over.say(HELLO);
    await vi.advanceTimersByTimeAsync(44_000);
    over.say(': still here\n\n');
    await vi.advanceTimersByTimeAsync(44_000);
    expect(phone.heard).toEqual([true]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(phone.heard).toEqual([true, false]);
    phone.end.abort();
    await phone.done;
  });

  it('pulls once more when the office has ended it, and listens no more', async () => {
    const over = server();
    const phone = listening(over);
    await settle();
    over.say('event: wipe\ndata: {"server_time":5}\n\n');
    await phone.done;
    expect([phone.onpoke.mock.calls.length, over.asked.length]).toEqual([1, 1]);
  });

  it('asks what a token means that is not known any more', async () => {
    const over = server();
    over.refuse(401);
    const phone = listening(over);
    await settle();
    expect(phone.onpoke).toHaveBeenCalledTimes(1);
    phone.end.abort();
    await phone.done;
  });
});
