/**
 * Listening while the app is open. The server says that the feed has moved, and the phone pulls; the stream carries no data, so
 * losing it is harmless. It is opened again after pauses that grow, and counts as dead when nothing came for 45 seconds.
 */
import { Backoff } from './backoff';

export interface StreamOptions {
  /** Where the server is, without a slash at the end; "" for the page's own. */
  url?: string;
  /** The phone's token as it is now; undefined if it has none, which ends it. */
  token: () => Promise<string | undefined>;
  /** Instead of the global one. */
  fetch?: (input: string, init: RequestInit) => Promise<Response>;
  /** Time to pull: the stream was opened, the feed has moved, or the server will not have this phone any more. */
  onpoke: () => void;
  /** Whether the server is being heard. */
  onheard?: (heard: boolean) => void;
  /** Ends it. */
  signal: AbortSignal;
  random?: () => number;
  /** Milliseconds without a word after which the stream is dead. */
  silenceMs?: number;
}

export interface ServerEvent {
  name: string;
  data: string;
}

const SILENCE_MS = 45_000;

/** Cuts a stream of text into events; what is not complete yet waits for the rest. */
export class EventCutter {
  /** Milliseconds that the server wants to pass before the stream is opened again. */
  retryMs: number | null = null;
  private rest = '';

  cut(text: string): ServerEvent[] {
    const parts = (this.rest + text).replaceAll('\r\n', '\n').split('\n\n');
    this.rest = parts.pop() ?? '';
    return parts.map((part) => this.event(part)).filter((event) => event !== null);
  }

  private event(text: string): ServerEvent | null {
    let name = 'message';
    const data: string[] = [];
    for (const line of text.split('\n')) {
      const [, field, value] = /^(event|data|retry): ?(.*)$/.exec(line) ?? [];
      if (field === 'event') name = value ?? name;
      else if (field === 'data') data.push(value ?? '');
      else if (field === 'retry' && /^\d+$/.test(value ?? '')) this.retryMs = Number(value);
    }
    return data.length > 0 ? { name, data: data.join('\n') } : null;
  }
}

/** Listens until it is told to end, or until the office has ended this phone. */
export async function listen(options: StreamOptions): Promise<void> {
  const { signal, onpoke, onheard = () => undefined } = options;
  const backoff = new Backoff(options.random);
  const cutter = new EventCutter();
  while (!signal.aborted) {
    const token = await options.token();
    if (!token) return;
    const wiped = await follow(options, token, cutter, (event) => {
      if (event.name === 'hello') {
        backoff.reset();
        onheard(true);
      }
      onpoke();
      return event.name === 'wipe';
    });
    onheard(false);
    if (wiped) return;
    await pause(backoff.failed(performance.now(), cutter.retryMs), signal);
  }
}

/** One stream, to its end; true if an event has ended it for good. */
async function follow(
  { url = '', fetch: ask, onpoke, signal, silenceMs = SILENCE_MS }: StreamOptions,
  token: string,
  cutter: EventCutter,
  told: (event: ServerEvent) => boolean,
): Promise<boolean> {
  const cut = new AbortController();
  const end = () => cut.abort();
  let silence = setTimeout(end, silenceMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    const headers = { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' };
    const answer = await (ask ?? fetch)(`${url}/sync/v1/stream`, { headers, signal: cut.signal });
    // The round says what a token that is not known any more means.
    if (answer.status === 401) onpoke();
    if (!answer.ok || !answer.body) return false;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      clearTimeout(silence);
      silence = setTimeout(end, silenceMs);
      if (cutter.cut(value).some(told)) return true;
    }
  } catch {
    return false;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', end);
    cut.abort();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over, { once: true });
  });
}
