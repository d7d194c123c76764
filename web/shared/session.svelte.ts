/** Who is logged in, and what the server says of itself. Every page starts with `session.start()`. */
import { api, ask, whenUnauthorised } from './api/client';
import { Problem } from './api/problem';
import type { Meta, Role, SessionUser } from './api/types';
import { clock } from './clock.svelte';

let user = $state<SessionUser | null>(null);
let meta = $state<Meta | null>(null);
let ready = $state(false);
let unreachable = $state(false);

export const homeOf = (role: Role): string => (role === 'warehouse' ? '/warehouse' : role === 'engineer' ? '/phone' : '/');

/** Where to go for a login: back to the page that asked, or the role's own page. Only paths of this site. */
export function landing(role: Role, from: string | null): string {
  if (!from || !from.startsWith('/') || from.startsWith('//') || from.startsWith('/login')) return homeOf(role);
  const office = role === 'admin' || role === 'dispatcher';
  const page = from.split(/[?#]/)[0] ?? '/';
  if (/^\/(warehouse|catalogue)/.test(page)) return office || role === 'warehouse' ? from : homeOf(role);
  if (page.startsWith('/phone')) return role === 'engineer' ? from : homeOf(role);
  return office ? from : homeOf(role);
}

export const session = {
  get user(): SessionUser | null {
    return user;
  },
  get meta(): Meta | null {
    return meta;
  },
  get ready(): boolean {
    return ready;
  },
  get unreachable(): boolean {
    return unreachable;
  },
  async start(): Promise<void> {
    unreachable = false;
    try {
      meta = await ask(api.GET('/api/v1/meta'));
      clock.set(meta.now_at, meta.speed);
      user = (await ask(api.GET('/api/v1/session'))).user;
    } catch (problem) {
      unreachable = problem instanceof Problem && problem.status !== 401;
      user = null;
    }
    ready = true;
  },
  async logIn(login: string, password: string): Promise<SessionUser> {
    user = (await ask(api.POST('/api/v1/session', { body: { login, password } }))).user;
    return user;
  },
  async logOut(): Promise<void> {
    await ask(api.DELETE('/api/v1/session')).catch(() => undefined);
    user = null;
    location.assign('/login');
  },
};

whenUnauthorised(() => {
  if (ready && user) {
    user = null;
    location.assign(`/login?from=${encodeURIComponent(location.pathname + location.search)}`);
  }
});
