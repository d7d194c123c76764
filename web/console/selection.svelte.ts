/** The one selected ticket and engineer. They live in the address, so a link shows what its sender saw. */
import { router } from './router.svelte';

function put(key: string, value: string | null): void {
  const next = new URLSearchParams(router.query);
  if (value) next.set(key, value);
  else next.delete(key);
  router.setQuery(next);
}

export const selection = {
  get ticket(): string | null {
    return router.query.get('ticket');
  },
  pick(id: string): void {
    put('ticket', id);
  },
  clear(): void {
    put('ticket', null);
  },
};
