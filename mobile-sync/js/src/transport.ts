/** HTTP for the protocol. Anything but a 2xx is a SyncError; no network is a SyncError with status 0. */
import { pack } from './gzip';
import {
  SyncError,
  type EnrolRequest,
  type Enrolment,
  type Limits,
  type PullPage,
  type PullRequest,
  type PushAnswer,
  type PushRequest,
  type Status,
} from './wire';

export interface Transport {
  /** With the engineer's own session: the cookie that the browser sends along, or the token of one. */
  enrol(device: EnrolRequest, session?: string): Promise<Enrolment>;
  push(token: string, request: PushRequest): Promise<PushAnswer>;
  pull(token: string, request: PullRequest): Promise<PullPage>;
  status(token: string): Promise<Status>;
}

export interface HttpOptions {
  /** Where the server is, without a slash at the end; "" for the page's own. */
  url?: string;
  /** Instead of the global one. */
  fetch?: (input: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds until an answer counts as lost. */
  patienceMs?: number;
}

interface Problem {
  code?: string;
  limits?: Limits;
  epoch?: string;
}

const PATIENCE_MS = 60_000;

export function httpTransport({ url = '', fetch: ask, patienceMs = PATIENCE_MS }: HttpOptions = {}): Transport {
  async function send<T>(
    method: 'GET' | 'POST',
    path: string,
    token: string | undefined,
    message?: unknown,
  ): Promise<T> {
    const packed = message === undefined ? { headers: {} } : await pack(JSON.stringify(message));
    const headers = { ...packed.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const signal = AbortSignal.timeout(patienceMs);
    let answer: Response;
    let told: (T & Problem) | null;
    try {
      answer = await (ask ?? fetch)(`${url}/sync/v1${path}`, { method, ...packed, headers, signal });
      const text = await answer.text();
      told = read(text);
    } catch {
      throw new SyncError(0, 'unreachable');
    }
    if (!answer.ok || told === null) {
      const wait = Number(answer.headers.get('Retry-After'));
      const code = told?.code ?? 'unreadable';
      throw new SyncError(
        answer.ok ? 0 : answer.status,
        code,
        wait > 0 ? wait * 1_000 : null,
        told?.limits ?? null,
        told?.epoch ?? null,
      );
    }
    return told;
  }
  return {
    enrol: (device, session) => send('POST', '/devices', session, device),
    push: (token, request) => send('POST', '/push', token, request),
    pull: (token, request) => send('POST', '/pull', token, request),
    status: (token) => send('GET', '/status', token),
  };
}

/** What a proxy or a hotel's log-in page says instead is no answer. */
function read<T>(text: string): T | null {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? (found as T) : null;
  } catch {
    return null;
  }
}
