/** The templates, read when they are first needed and again when somebody changed them here. */
import { api, ask } from '$shared/api/client';
import type { Template } from '$shared/api/types';

class Templates {
  all = $state.raw<Template[] | null>(null);
  failed = $state(false);

  async load(): Promise<void> {
    this.failed = false;
    await ask(api.GET('/api/v1/templates')).then((page) => (this.all = page.items), () => (this.failed = true));
  }

  need(): void {
    if (this.all === null) void this.load();
  }

  /** Those in use for a kind of ticket. */
  of = (kind: string): Template[] => (this.all ?? []).filter((one) => one.enabled && one.kind === kind);

  /** Kinds of tickets that templates are for. */
  get kinds(): string[] {
    return [...new Set((this.all ?? []).filter((one) => one.enabled).map((one) => one.kind))];
  }
}
export const templates = new Templates();
