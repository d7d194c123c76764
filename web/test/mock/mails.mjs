// Mail of the stand-in: one that was sent, one that waits, one that was refused and can be sent again.
import { find, Refusal } from './refusal.mjs';

export function makeMails({ db, now }) {
  const mail = (nth, kind, state, over) => ({ id: `mail-${nth}`, name: db.users[nth % db.users.length].display_name, email: `${db.users[nth % db.users.length].login}@lifts.example`, ticket_id: db.tickets[nth].id, number: db.tickets[nth].number, kind, state, attempts: 1, created_at: now() - nth * 600_000, due_at: null, sent_at: null, error: '', ...over });
  const mails = [
    mail(3, 'resolution_due', 'waiting', { attempts: 2, due_at: now() + 240_000, error: 'transient error (451): 4.7.1 Greylisted, please come back later' }),
    mail(2, 'rule', 'dead', { error: 'permanent error (550): 5.1.1 The mailbox does not exist' }),
    mail(1, 'reassigned', 'sent', { sent_at: now() - 500_000 }),
  ];
  return (method, id, query, user) => {
    if (user.role !== 'admin') throw new Refusal(403, 'forbidden', 'Your role may not do this.');
    if (method === 'POST') {
      Object.assign(find(mails, id), { state: 'waiting', attempts: 0, due_at: now(), error: '' });
      return null;
    }
    const state = query.get('state');
    return { is_sent: true, items: mails.filter((one) => !state || one.state === state), next: null };
  };
}

/** What somebody wants to be told, kept for everybody alone. */
export function makePreferences() {
  const said = new Map();
  const usual = () => ['response_due', 'resolution_due', 'reassigned', 'rule', 'mentioned', 'commented', 'status_changed'].map((kind) => ({ kind, bell: true, mail: kind !== 'status_changed' }));
  return (method, body, user) => {
    if (method === 'PUT') said.set(user.id, body.items);
    return { email: user.email, is_mail_sent: true, items: said.get(user.id) ?? usual() };
  };
}
