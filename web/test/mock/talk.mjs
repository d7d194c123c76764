// Who reads and who watches a ticket of the stand-in, and what is written again and again.
export function makeTalk({ db, now, edit, changed }) {
  const watchers = new Map();
  const of = (id) => watchers.get(id) ?? new Set();
  const office = () => db.users.filter((user) => ['admin', 'dispatcher'].includes(user.role));
  const replies = [
    { id: 'reply-1', title: 'Engineer on the way', title_zh: '工程师已出发', text: 'Hello, {engineer} is on the way to {address} and expected by {planned}.\n{organisation}', text_zh: '您好，{engineer}已出发前往{address}，预计{planned}到达。\n{organisation}', audience: 'customer', created_at: now() },
    { id: 'reply-2', title: 'Waiting for a part', title_zh: '等待备件', text: 'Ticket {number} waits for a part. We call as soon as it is here.', text_zh: '工单{number}正在等待备件，到货后我们会立即联系您。', audience: 'customer', created_at: now() },
    { id: 'reply-3', title: 'Check the access note', title_zh: '请核对进场说明', text: '{author} asks the team to check how to get in before leaving.', text_zh: '', audience: 'team', created_at: now() },
  ];
  const fill = (ticket, user, text) => text.replace(/\{(\w+)\}/g, (_, name) => ({ ...ticket, customer: '—', engineer: db.engineers.find((one) => one.id === ticket.engineer_id)?.name ?? 'to be confirmed', planned: 'to be confirmed', due: new Date(ticket.due_at).toISOString(), organisation: 'Midtown Lift Service', author: user.display_name })[name] ?? '');
  return {
    readers: (id) => office().map((user) => ({ user_id: user.id, login: user.login, display_name: user.display_name, role: user.role, watches: of(id).has(user.id) })),
    watch(method, id, userId) {
      const watching = new Set(of(id));
      if (method === 'PUT') watching.add(userId);
      else watching.delete(userId);
      watchers.set(id, watching);
      return null;
    },
    replies(method, id, body, ifMatch) {
      const row = replies.find((one) => one.id === id);
      if (method === 'PUT') return edit('canned_replies', row, body, ifMatch);
      if (method === 'DELETE') replies.splice(replies.indexOf(row), 1);
      if (method === 'DELETE') return null;
      if (method !== 'POST') return row ?? { items: replies, next: null };
      const made = { ...body, id: db.id(), created_at: now() };
      replies.push(made);
      changed('canned_replies', made);
      return made;
    },
    filled: (ticket, user) => ({ items: replies.map((one) => ({ ...one, text: fill(ticket, user, one.text), text_zh: fill(ticket, user, one.text_zh) })), next: null }),
  };
}
