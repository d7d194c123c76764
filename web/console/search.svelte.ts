/** A list that the server searches: asks after a pause in typing, drops answers that come late, pages on demand. */
interface Page<T> {
  items: T[];
  next?: string | null;
}

const PAUSE_MS = 180;

export class ServerList<T> {
  query = $state('');
  items = $state.raw<T[]>([]);
  loading = $state(false);
  failed = $state(false);
  next = $state<string | null>(null);
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly fetchPage: (words: string, after: string | null) => Promise<Page<T>>) {}

  /** To be called in an effect that reads `query`. */
  search(words: string): void {
    clearTimeout(this.timer);
    this.loading = true;
    this.timer = setTimeout(() => void this.load(words, null), this.asked === 0 ? 0 : PAUSE_MS);
  }

  reload = (): void => void this.load(this.query, null);
  more = (): void => void this.load(this.query, this.next);

  private async load(words: string, after: string | null): Promise<void> {
    const mine = (this.asked += 1);
    this.loading = true;
    try {
      const page = await this.fetchPage(words, after);
      if (mine !== this.asked) return;
      this.items = after ? [...this.items, ...page.items] : page.items;
      this.next = page.next ?? null;
      this.failed = false;
    } catch {
      if (mine === this.asked) this.failed = true;
    }
    if (mine === this.asked) this.loading = false;
  }
}
