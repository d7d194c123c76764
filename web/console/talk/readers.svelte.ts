/** Who may read a ticket, and who of them watches it. */
import { api, ask } from '$shared/api/client';
import type { Reader } from '$shared/api/types';
import { session } from '$shared/session.svelte';

export class Readers {
  items = $state.raw<Reader[]>([]);
  busy = $state(false);
  failed = $state(false);

  constructor(private readonly ticketId: string) {}

  get watching(): Reader[] {
    return this.items.filter((one) => one.watches);
  }
  get others(): Reader[] {
    return this.items.filter((one) => !one.watches && one.user_id !== session.user?.id);
  }
  get mine(): boolean {
    return this.watching.some((one) => one.user_id === session.user?.id);
  }

  load = async (): Promise<void> => {
    try {
      this.items = (await ask(api.GET('/api/v1/tickets/{id}/readers', { params: { path: { id: this.ticketId } } }))).items;
      this.failed = false;
    } catch {
      this.failed = true;
    }
  };

  watch = async (userId: string | undefined, on: boolean): Promise<void> => {
    if (!userId || this.busy) return;
    this.busy = true;
    const params = { path: { id: this.ticketId, user_id: userId } };
    try {
      await ask(on ? api.PUT('/api/v1/tickets/{id}/watchers/{user_id}', { params }) : api.DELETE('/api/v1/tickets/{id}/watchers/{user_id}', { params }));
    } catch {
      // What is so now is shown all the same.
    }
    this.busy = false;
    await this.load();
  };
}
