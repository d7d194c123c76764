/**
 * What lies in the tray without a ticket: it was picked, and then its ticket was cancelled or went to somebody else. The
 * server frees it where the books have it, on the shelf; somebody has to carry it there. The server does not keep that it
 * had been picked, so this page does: it remembers what was picked when it last looked, over a reload too, and asks what
 * became of what is gone. A card stays until somebody says that it is done.
 */
import { api, all } from '$shared/api/client';
import type { Reservation } from '$shared/api/types';

const KEY = 'fettle.tray';
const MOST = 50;
const ENDED = 'released,expired';

interface Kept {
  picked: Reservation[];
  cards: Reservation[];
}
const empty = (): Kept => ({ picked: [], cards: [] });

function read(): Kept {
  try {
    return { ...empty(), ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>) };
  } catch {
    return empty();
  }
}
let kept = $state.raw<Kept>(read());

function keep(next: Kept): void {
  kept = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // A device that keeps nothing shows the cards as long as the page is open.
  }
}

/** What was picked at a depot, and is not promised to anybody any more. */
async function endedOf(gone: readonly Reservation[]): Promise<Reservation[]> {
  const ids = new Set(gone.map((row) => row.id));
  const tickets = [...new Set(gone.map((row) => row.ticket_id))];
  const found = await Promise.all(tickets.map((ticket_id) => all<Reservation>((after) => api.GET('/api/v1/reservations', { params: { query: { ticket_id, status: ENDED, limit: 200, ...(after ? { after } : {}) } } }))));
  return found.flat().filter((row) => ids.has(row.id) && row.location_kind !== 'van');
}

export const tray = {
  get cards(): Reservation[] {
    return kept.cards;
  },
  /** Compares what is reserved now with what was picked before. If the server cannot be asked, it is compared again. */
  async watch(now: readonly Reservation[]): Promise<void> {
    const live = new Set(now.map((row) => row.id));
    const gone = kept.picked.filter((row) => !live.has(row.id));
    const ended = gone.length > 0 ? await endedOf(gone) : [];
    const known = new Set(kept.cards.map((row) => row.id));
    const picked = now.filter((row) => row.status === 'picked' && row.location_kind !== 'van');
    keep({ picked, cards: [...ended.filter((row) => !known.has(row.id)), ...kept.cards].slice(0, MOST) });
  },
  dismiss(id: string): void {
    keep({ ...kept, cards: kept.cards.filter((row) => row.id !== id) });
  },
};
