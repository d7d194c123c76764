/** Addresses of the console by the History API: the path says which screen, the query what is selected and filtered. */
import { unsaved } from './unsaved.svelte';

let path = $state(location.pathname);
let query = $state.raw(new URLSearchParams(location.search));

function read(): void {
  path = location.pathname;
  query = new URLSearchParams(location.search);
}
addEventListener('popstate', read);

export const router = {
  get path(): string {
    return path;
  },
  get query(): URLSearchParams {
    return query;
  },
  go(to: string): void {
    history.pushState(null, '', to);
    read();
  },
  /** Replaces the query without a step in the history: typing in a search box is not a page. */
  setQuery(next: URLSearchParams): void {
    const text = next.toString();
    history.replaceState(null, '', text ? `${path}?${text}` : path);
    read();
  },
  /** For `<a onclick>`: a plain click stays in the page, a click with a modifier opens a tab as usual. */
  follow(event: MouseEvent): void {
    const link = event.currentTarget as HTMLAnchorElement;
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const to = link.pathname + link.search;
    unsaved.leave(() => router.go(to));
  },
};
