/**
 * Where in the warehouse one is, as the address says it behind its `#`: `#count/ID`. So the way back of a browser and
 * of a phone leads out of a task, and a page that is loaded again is where it was.
 */
export const SECTIONS = ['pick', 'book', 'count', 'returns', 'stock', 'tasks'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Route {
  section: Section;
  /** A view of the section, what is open in it, or to what its list is narrowed down; empty for the first view. */
  sub: string;
}

export function routeOf(hash: string): Route {
  const [first = '', sub = ''] = hash.replace(/^#\/?/, '').split('/');
  const section = SECTIONS.find((one) => one === first);
  return section ? { section, sub: decodeURIComponent(sub) } : { section: 'pick', sub: '' };
}
export const hrefOf = (section: Section, sub = ''): string => `#${section}${sub ? `/${encodeURIComponent(sub)}` : ''}`;

let hash = $state('');
const read = (): void => void (hash = location.hash);

export const route = {
  get section(): Section {
    return routeOf(hash).section;
  },
  get sub(): string {
    return routeOf(hash).sub;
  },
  go(section: Section, sub = ''): void {
    location.hash = hrefOf(section, sub);
    read();
  },
  /** Begins to follow the address; the answer ends it. */
  start(): () => void {
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  },
};
