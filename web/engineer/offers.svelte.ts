/**
 * Tickets that are offered to all. They are nobody's rows yet, so they are asked for beside the sync and remembered with
 * the time: in a cellar one still sees what was offered, and how old that is.
 */
export interface Offer {
  id: string;
  number: number;
  title: string;
  priority: number;
  address: string;
  due_at: number | null;
}
interface Remembered {
  engineer: string;
  at: number;
  items: Offer[];
}

const KEY = 'fettle.offers';
const AGAIN_MS = 15_000;
let remembered = $state.raw<Remembered | null>(null);
let askedAt = -Infinity;

function recalled(): Remembered | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as Remembered | null;
  } catch {
    return null;
  }
}

/** What an answer says, as far as this page can read it. */
export const offersIn = (answer: unknown): Offer[] => {
  const items = (answer as { items?: unknown[] } | null)?.items;
  return Array.isArray(items) ? items.filter((one): one is Offer => typeof (one as Offer | null)?.id === 'string') : [];
};

export const offers = {
  get list(): Offer[] {
    return remembered?.items ?? [];
  },
  /** When the server last said so, by the phone's clock. */
  get at(): number {
    return remembered?.at ?? 0;
  },
  async ask(engineer: string, token?: string): Promise<void> {
    remembered ??= recalled();
    if (remembered && remembered.engineer !== engineer) remembered = null;
    if (!token || Date.now() - askedAt < AGAIN_MS) return;
    askedAt = Date.now();
    const answer = await fetch('/sync/v1/offers', { headers: { Authorization: `Bearer ${token}` } }).catch(() => null);
    if (!answer?.ok) return;
    remembered = { engineer, at: Date.now(), items: offersIn(await answer.json().catch(() => null)) };
    localStorage.setItem(KEY, JSON.stringify(remembered));
  },
  forget(): void {
    remembered = null;
    localStorage.removeItem(KEY);
  },
};
