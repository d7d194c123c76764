/** What the customer's page knows: the question behind its link, and the answer on its way. */
import { api, ask } from '$shared/api/client';
import type { ConfirmationView, Satisfaction } from '$shared/api/types';
import { Problem } from '$shared/api/problem';
import { Submission } from '$shared/ui/form.svelte';

export class Question {
  /** Null until the server has answered. */
  view = $state.raw<ConfirmationView | null>(null);
  /** The link is none of this deployment's, or was cut on its way. */
  wrong = $state(false);
  unreachable = $state(false);
  solved = $state<boolean | null>(null);
  satisfaction = $state<Satisfaction | null>(null);
  comment = $state('');
  /** His answer was not taken: somebody else had answered, or the work has gone on. What he wrote is still here. */
  late = $state(false);
  readonly sending = new Submission(['comment']);

  constructor(private readonly token: string) {}

  private get path() {
    return { params: { path: { token: this.token } } };
  }

  async load(): Promise<void> {
    this.unreachable = false;
    this.wrong = this.token === '';
    if (this.wrong) return;
    try {
      this.view = await ask(api.GET('/api/v1/confirmations/{token}', this.path));
    } catch (cause) {
      this.wrong = cause instanceof Problem && cause.status === 404;
      this.unreachable = !this.wrong;
    }
  }

  async send(): Promise<void> {
    const solved = this.solved;
    if (solved === null) return;
    const body = { solved, satisfaction: this.satisfaction, comment: this.comment.trim() };
    const view = await this.sending.run(() => ask(api.POST('/api/v1/confirmations/{token}', { ...this.path, body })));
    if (view) this.view = view;
    else if (this.sending.problem?.status === 409) {
      // Somebody answered on another screen, or the work has gone on: the page shows how it stands now.
      this.late = true;
      await this.load();
    }
  }
}
