/**
 * Saved views: the filters in the address and how the page is divided, under a name. A view is taken by going to its
 * address; the ticket that one has open stays open, and is in no view.
 */
import { api, ask, askTagged } from '$shared/api/client';
import type { SavedView } from '$shared/api/types';
import { layout } from '../layout.svelte';
import { router } from '../router.svelte';

let list = $state.raw<SavedView[] | null>(null);
let failed = $state(false);

/** What of an address belongs to a view, always in the same order. */
export function viewQuery(query: URLSearchParams): string {
  const kept = new URLSearchParams(query);
  kept.delete('ticket');
  kept.sort();
  return kept.toString();
}

async function load(): Promise<void> {
  try {
    list = (await ask(api.GET('/api/v1/views'))).items;
    failed = false;
  } catch {
    failed = true;
  }
}

const body = (name: string, shared: boolean) => ({ name, shared, query: viewQuery(router.query), layout: layout.now() });

/** Changes what the server has now: who saves a view anew means the whole of it. */
async function change(view: SavedView, made: ReturnType<typeof body>): Promise<void> {
  const path = { id: view.id };
  const { tag } = await askTagged(api.GET('/api/v1/views/{id}', { params: { path } }));
  await ask(api.PUT('/api/v1/views/{id}', { params: { path, header: { 'If-Match': tag } }, body: made }));
  await load();
}

export const views = {
  get list(): SavedView[] | null {
    return list;
  },
  get failed(): boolean {
    return failed;
  },
  /** The view that one looks at, as long as nothing was changed in it. */
  get now(): SavedView | undefined {
    const query = viewQuery(router.query);
    return list?.find((view) => view.query === query);
  },
  load,
  take(view: SavedView): void {
    const next = new URLSearchParams(view.query);
    const ticket = router.query.get('ticket');
    if (ticket) next.set('ticket', ticket);
    router.setQuery(next);
    layout.take(view.layout);
  },
  async save(name: string, shared: boolean): Promise<void> {
    await ask(api.POST('/api/v1/views', { body: body(name, shared) }));
    await load();
  },
  /** As the page is now, under its old name. */
  renew: (view: SavedView): Promise<void> => change(view, body(view.name, view.shared)),
  share: (view: SavedView, shared: boolean): Promise<void> => change(view, { name: view.name, shared, query: view.query, layout: view.layout }),
  async remove(view: SavedView): Promise<void> {
    await ask(api.DELETE('/api/v1/views/{id}', { params: { path: { id: view.id } } }));
    await load();
  },
};
