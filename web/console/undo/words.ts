/** What somebody did, in words. */
import type { Action } from '$shared/api/types';
import { m, number } from '$shared/i18n/text';

/** `who` names an engineer. */
export function actionText(action: Action, who: (id: string) => string): string {
  const ticket = action.ticket_number == null ? '' : String(action.ticket_number);
  const count = number(action.tickets);
  if (action.kind === 'accept_proposal') return m.action_accept_proposal({ count });
  if (action.kind === 'unassign') return m.action_unassign({ number: ticket });
  if (action.kind === 'cancel') return m.action_cancel({ number: ticket });
  if (action.kind === 'edit') return m.action_edit({ number: ticket });
  if (!ticket) return m.action_assign_many({ count });
  return m.action_assign({ number: ticket, name: action.engineer_id ? who(action.engineer_id) : m.nobody() });
}
