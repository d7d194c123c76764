/** How this page becomes an engineer's phone: by his session, or by a code from the office. */
import { Problem } from '$shared/api/problem';
import { api, ask } from '$shared/api/client';
import { NotPossible, SyncError, type Device, type Enrolled } from '$sync';
import type { PhoneState } from './phone.svelte';

const APP = { platform: 'web', app_version: 'web-2' };

export interface Got {
  state: PhoneState;
  who?: Enrolled;
}

function refused(cause: unknown, code: boolean): Got {
  if (cause instanceof NotPossible) return { state: 'other_engineer' };
  const answered = cause instanceof Problem || cause instanceof SyncError;
  if (answered && cause.status === 401) return { state: code ? 'code' : 'login' };
  return { state: code && answered && cause.status > 0 ? 'code' : 'unreachable' };
}

export async function enrolled(device: Device, code?: string): Promise<Got> {
  try {
    if (code) return { state: 'ready', who: await device.enrol({ ...APP, code }) };
    const { user } = await ask(api.GET('/api/v1/session'));
    if (!user.engineer_id) return { state: 'not_engineer' };
    const before = await device.identity();
    // A phone handed to somebody else must not show or send the first one's work under another name.
    if (before && before.engineer_id !== user.engineer_id && (await device.waiting()).length > 0) return { state: 'other_engineer' };
    return { state: 'ready', who: await device.enrol({ ...APP, name: user.display_name }) };
  } catch (cause) {
    return refused(cause, code !== undefined);
  }
}

/** The code in what was typed, or in the address that a picture or a link holds; null if there is none. */
export function codeIn(typed: string): string | null {
  const found = /#enrol=([0-9A-Za-z-]+)/.exec(typed)?.[1] ?? typed.replace(/^\][A-Za-z]\d/, '');
  const letters = found.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
  return /^[0-9A-Z]{8,20}$/.test(letters) ? (letters.match(/.{1,4}/g) ?? []).join('-') : null;
}
