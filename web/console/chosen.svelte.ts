/** The one record that a list has open. It lives in the address: a link shows it, and "back" goes back to the list. */
import { router } from './router.svelte';
import { unsaved } from './unsaved.svelte';

function go(id: string | null): void {
  const next = new URLSearchParams(router.query);
  if (id) next.set('id', id);
  else next.delete('id');
  const text = next.toString();
  router.go(text ? `${router.path}?${text}` : router.path);
}

export const chosen = {
  get id(): string | null {
    return router.query.get('id');
  },
  pick(id: string): void {
    if (id !== chosen.id) unsaved.leave(() => go(id));
  },
  clear: (): void => go(null),
  /** Back to the list. */
  leave: (): void => unsaved.leave(() => go(null)),
};
