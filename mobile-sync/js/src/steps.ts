/**
 * What an event does to a ticket, the same table as the server's (PROTOCOL.md): so that a tap shows at once what the
 * server will say, unless the office did something meanwhile.
 */
export type TicketStatus =
  | 'new'
  | 'assigned'
  | 'accepted'
  | 'travelling'
  | 'on_site'
  | 'working'
  | 'waiting'
  | 'completed'
  | 'closed'
  | 'cancelled';
export type EventKind =
  'accept' | 'decline' | 'claim' | 'travel' | 'arrive' | 'start' | 'pause' | 'resume' | 'complete';

/** Moves to a status (perhaps the same), or is refused with a code. */
export type Step = { to: TicketStatus } | { why: string };

const FORWARD: TicketStatus[] = ['assigned', 'accepted', 'travelling', 'on_site', 'working'];
const TARGET: Partial<Record<EventKind, TicketStatus>> = {
  accept: 'accepted',
  travel: 'travelling',
  arrive: 'on_site',
  start: 'working',
  complete: 'completed',
};

export function step(kind: EventKind, from: TicketStatus): Step {
  if (from === 'closed' || from === 'cancelled') return { why: from };
  const begun = FORWARD.indexOf(from) > FORWARD.indexOf('accepted') || from === 'waiting';
  if (kind === 'claim')
    return from === 'new' ? { to: 'accepted' } : { why: from === 'completed' ? 'already_completed' : 'already_taken' };
  if (from === 'new') return { why: 'not_assigned' };
  if (kind === 'decline') {
    if (from === 'completed') return { why: 'already_completed' };
    return begun ? { why: 'already_begun' } : { to: 'new' };
  }
  if (kind === 'pause' || kind === 'resume') {
    if (from === 'completed') return { why: 'already_completed' };
    if (from === 'assigned' || (kind === 'resume' && from === 'accepted')) return { why: 'not_accepted' };
    return { to: kind === 'pause' ? 'waiting' : 'working' };
  }
  return { to: forward(TARGET[kind] ?? from, from) };
}

/** Steps forward may skip others; what is already so, or already past, stays. */
function forward(target: TicketStatus, from: TicketStatus): TicketStatus {
  if (target === 'completed' || from === 'completed') return 'completed';
  // From waiting the work may go on in any way, but accepting it a second time changes nothing.
  if (from === 'waiting') return target === 'accepted' ? from : target;
  return FORWARD.indexOf(target) > FORWARD.indexOf(from) ? target : from;
}
