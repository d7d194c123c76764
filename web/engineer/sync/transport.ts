/** HTTP for the protocol. Anything but a 2xx is a SyncError; no network is a SyncError with status 0. */
import { SyncError, type Enrolment, type PullPage, type PushAnswer, type PushRequest } from './wire';

export interface Transport {
  enrol(device: { device_id: string; platform: string; app_version: string; schema: number }): Promise<Enrolment>;
  push(token: string, request: PushRequest): Promise<PushAnswer>;
  pull(token: string, cursor: number, limit: number, schema: number): Promise<PullPage>;
}

async function send<T>(path: string, init: RequestInit, token?: string): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/sync/v1${path}`, {
      ...init,
      headers: { ...(init.body ? { 'Content-Type': 'application/json' } : {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    });
  } catch {
    throw new SyncError(0, 'unreachable');
  }
  const body = (await answer.json().catch(() => null)) as (T & { code?: string }) | null;
  if (!answer.ok || body === null) {
    const wait = Number(answer.headers.get('Retry-After'));
    throw new SyncError(answer.ok ? 0 : answer.status, body?.code ?? 'unreadable', wait > 0 ? wait * 1_000 : null);
  }
  return body;
}

export const http: Transport = {
  enrol: (device) => send('/devices', { method: 'POST', body: JSON.stringify(device) }),
  push: (token, request) => send('/push', { method: 'POST', body: JSON.stringify(request) }, token),
  pull: (token, cursor, limit, schema) => send('/pull', { method: 'POST', body: JSON.stringify({ cursor, limit, schema }) }, token),
};
