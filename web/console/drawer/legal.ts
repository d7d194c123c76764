/** What the office may do to a ticket in each state. The server decides; this only hides what it would refuse. */
import type { EventKind, TicketStatus } from '$shared/api/types';

type OfficeAct = Extract<EventKind, 'unassign' | 'close' | 'reopen' | 'cancel'>;

const legal: Record<TicketStatus, OfficeAct[]> = {
  new: ['cancel'],
  assigned: ['unassign', 'cancel'],
  accepted: ['unassign', 'cancel'],
  travelling: ['unassign', 'cancel'],
  on_site: ['unassign', 'cancel'],
  working: ['cancel'],
  waiting: ['unassign', 'cancel'],
  completed: ['close', 'reopen'],
  closed: ['reopen'],
  cancelled: ['reopen'],
};

export const officeActs = (status: TicketStatus): OfficeAct[] => legal[status] ?? [];
/** Undoing what somebody counts on needs a word why. */
export const needsReason = (act: EventKind): boolean => act !== 'close';
export const assignable = (status: TicketStatus): boolean => status === 'new' || status === 'assigned' || status === 'accepted';
/** Whoever does not work here, and whoever has his hands full, is sent nowhere: no reason changes that. */
const NEVER = ['inactive', 'workload'];
export const overridable = (rule: string): boolean => !NEVER.includes(rule);
/** What has ended is a record. */
export const editable = (status: TicketStatus): boolean => status !== 'closed' && status !== 'cancelled';
