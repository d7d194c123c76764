/**
 * What lies in the tray without a ticket: it was picked, and then its ticket was cancelled or went to somebody else. The
 * books have it free on its shelf, and somebody has to carry it there. The server keeps the list, so every device shows
 * the same, until somebody says that it is done or it is picked for the same ticket again.
 */
import { all, api, ask } from '$shared/api/client';
import type { PutBack } from '$shared/api/types';

const LIMIT = 200;
let cards = $state.raw<PutBack[]>([]);

export const tray = {
  get cards(): PutBack[] {
    return cards;
  },
  async reload(): Promise<void> {
    cards = await all<PutBack>((after) => api.GET('/api/v1/put-backs', { params: { query: { limit: LIMIT, ...(after ? { after } : {}) } } }));
  },
  /** It is gone at once; if the server does not hear of it, it is there again. */
  async done(id: string): Promise<void> {
    cards = cards.filter((row) => row.id !== id);
    try {
      await ask(api.POST('/api/v1/put-backs/{id}/done', { params: { path: { id } }, body: {} }));
    } finally {
      await tray.reload().catch(() => undefined);
    }
  },
};
