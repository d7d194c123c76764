/**
 * What the person who is logged in is told. It is read when the page is opened, as soon as an escalation or a note goes
 * over the stream, and every now and then, more often where there is no stream. The server keeps the latest hundred for everybody.
 */
import { api, ask } from '$shared/api/client';
import type { NotificationView } from '$shared/api/types';
import { live } from '../live.svelte';

/** One look for all that is written in a moment. */
const GATHER_MS = 400;
const LOOK_MS = 30_000;
/** Steps of watched tickets are told without a sign of their own on the stream: one looks for them every third time. */
const LOOKS_WHILE_LIVE = 3;
/** What goes over the stream when somebody is told something. */
const NEWS: ReadonlySet<string> = new Set(['escalations', 'rule_firings', 'notes']);

let items = $state.raw<NotificationView[]>([]);
let loaded = $state(false);
let failed = $state(false);
/** What came since the page was opened: to be read out. */
let latest = $state.raw<NotificationView | null>(null);
let planned: ReturnType<typeof setTimeout> | undefined;

export const isUnread = (one: NotificationView): boolean => one.read_at == null;

const marked = (ids: ReadonlySet<string>, at: number | null) => items.map((one) => (ids.has(one.id) ? { ...one, read_at: at } : one));

/** Shown as read at once; as it was again if the server did not take it. */
async function mark(ids: ReadonlySet<string>, send: () => Promise<unknown>): Promise<void> {
  items = marked(ids, Date.now());
  try {
    await send();
  } catch {
    items = marked(ids, null);
  }
}

export const bell = {
  get items(): NotificationView[] {
    return items;
  },
  get unread(): number {
    return items.filter(isUnread).length;
  },
  get loaded(): boolean {
    return loaded;
  },
  get failed(): boolean {
    return failed;
  },
  get latest(): NotificationView | null {
    return latest;
  },
  refresh: async (): Promise<void> => {
    try {
      const page = await ask(api.GET('/api/v1/notifications'));
      const known = new Set(items.map((one) => one.id));
      if (loaded) latest = page.items.find((one) => isUnread(one) && !known.has(one.id)) ?? latest;
      items = page.items;
      loaded = true;
      failed = false;
    } catch {
      failed = true;
    }
  },
  read: (id: string): Promise<void> => mark(new Set([id]), () => ask(api.POST('/api/v1/notifications/{id}/read', { params: { path: { id } } }))),
  readAll: (): Promise<void> => mark(new Set(items.filter(isUnread).map((one) => one.id)), () => ask(api.POST('/api/v1/notifications/read'))),
  /** Listens until the function that it returns is called. */
  start(): () => void {
    void bell.refresh();
    let looks = 0;
    const timer = setInterval(() => {
      looks += 1;
      if (live.connection !== 'live' || looks % LOOKS_WHILE_LIVE === 0) void bell.refresh();
    }, LOOK_MS);
    const deaf = live.onChange((change) => {
      if (!NEWS.has(change.entity)) return;
      clearTimeout(planned);
      planned = setTimeout(() => void bell.refresh(), GATHER_MS);
    });
    return () => {
      clearInterval(timer);
      clearTimeout(planned);
      deaf();
    };
  },
};
