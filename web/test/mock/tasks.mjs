// Tasks of the stand-in: what departments have to do for tickets, some of them from the beginning.
import { find, need, Refusal } from './refusal.mjs';

const HOUR = 3_600_000;
const OVER = ['closed', 'cancelled'];

export function makeTasks({ db, now, changed }) {
  const task = (ticket, department, text, required, created_by, created_at = now()) => ({ id: db.id(), ticket_id: ticket.id, department, text, required, created_at, created_by, done_at: null, done_by: null });
  const tasks = [
    [20, 'Warehouse', 'Send the worn door rollers to the manufacturer', true, 75], [24, 'Finance', 'Refund the second call-out', true, 28], [31, 'Warehouse', '给现场寄一套导靴', false, 9], [40, 'Warehouse', 'Pack two encoders for tomorrow', false, 2],
  ].map(([i, department, text, required, hours]) => task(db.tickets[i], department, text, required, 'Dora Reyes', now() - hours * HOUR));
  const ticketOf = (row) => find(db.tickets, row.ticket_id);
  // Whole, as the server gives them: no further page.
  const whole = (items) => ({ items, next: null });
  const view = (row) => ({ ...row, ticket_number: ticketOf(row).number, ticket_title: ticketOf(row).title });

  function open(query) {
    const of = query.get('department');
    const rows = tasks.filter((row) => row.done_at === null && !OVER.includes(ticketOf(row).status) && (of === null || row.department === of));
    return whole(rows.sort((a, b) => a.created_at - b.created_at).slice(0, Number(query.get('limit') ?? 50)).map(view));
  }
  function setDone(row, { done }, user) {
    if ((row.done_at !== null) === done) return row;
    if (!done && ticketOf(row).status === 'closed') throw new Refusal(409, 'ticket_ended', 'The ticket is closed.');
    changed('tasks', Object.assign(row, { done_at: done ? now() : null, done_by: done ? user.display_name : null }));
    return row;
  }
  return {
    route: (id, query, body, user) => (id ? setDone(find(tasks, id), body, user) : open(query)),
    ofTicket(method, ticket, body, user) {
      if (method !== 'POST') return whole(tasks.filter((row) => row.ticket_id === ticket.id));
      need(body, 'department', 'text');
      if (OVER.includes(ticket.status)) throw new Refusal(409, 'ticket_ended', `The ticket is ${ticket.status}.`);
      const row = task(ticket, body.department, body.text, body.required ?? false, user.display_name);
      tasks.push(row);
      changed('tasks', row);
      return row;
    },
  };
}
