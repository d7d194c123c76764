// The phone's side of the stand-in server: enrol, pull, push, status. One scope, no merge rules.
const LEADS = { accept: 'accepted', decline: 'new', travel: 'travelling', arrive: 'on_site', start: 'working', pause: 'waiting', resume: 'working', complete: 'completed' };

export function makeSync({ db, now, changed }) {
  const devices = new Map();
  const seen = new Map();
  let version = 1;

  function docs(engineerId) {
    const tickets = db.tickets.filter((t) => t.engineer_id === engineerId && !['closed', 'cancelled'].includes(t.status));
    const put = (c, doc) => ({ c, id: doc.id, op: 'put', v: version, doc: { ...doc, sync_v: version } });
    const flat = ({ required_skills, needed_parts, queue_reasons, ...rest }) => rest;
    return [
      ...tickets.map((t) => put('tickets', flat(t))),
      ...db.sites.filter((s) => tickets.some((t) => t.site_id === s.id)).map((s) => put('sites', s)),
      ...db.assets.filter((a) => tickets.some((t) => t.asset_id === a.id)).map((a) => put('assets', a)),
      ...db.parts.map((p) => put('parts', p)),
      ...db.reservations.filter((r) => tickets.some((t) => t.id === r.ticket_id)).map((r) => put('reservations', r)),
      ...db.notes.filter((n) => tickets.some((t) => t.id === n.ticket_id)).map((n) => put('notes', n)),
      ...db.usage.filter((u) => tickets.some((t) => t.id === u.ticket_id)).map((u) => put('part_usage', u)),
    ];
  }
  function take(mutation) {
    if (seen.has(mutation.mid)) return { mid: mutation.mid, result: 'duplicate', first: seen.get(mutation.mid) };
    version += 1;
    const ticket = db.tickets.find((t) => t.id === mutation.set.ticket_id);
    if (mutation.c === 'ticket_events' && ticket) {
      ticket.status = LEADS[mutation.set.kind] ?? ticket.status;
      if (mutation.set.kind === 'decline') ticket.engineer_id = null;
      changed('tickets', ticket);
    }
    if (mutation.c === 'notes') db.notes.push({ id: mutation.id, author: null, ...mutation.set });
    if (mutation.c === 'part_usage') db.usage.push({ id: mutation.id, ...mutation.set });
    seen.set(mutation.mid, 'applied');
    return { mid: mutation.mid, result: 'applied', v: version };
  }
  return (path, body, user, authorization) => {
    if (path === '/devices') {
      devices.set(body.device_id, { engineer: user?.engineer_id ?? null, sent: new Set() });
      return { token: body.device_id, epoch: 'e1', server_time: now(), limits: { push_mutations: 1000 }, policy: { engineer_id: user?.engineer_id } };
    }
    const device = devices.get((authorization ?? '').replace('Bearer ', ''));
    if (!device) return { code: 'unknown_device' };
    if (path === '/push') return { results: body.mutations.map(take), server_time: now() };
    if (path === '/status') return { epoch: 'e1', acked_seq: 0, held: 0, open_conflicts: 0, server_time: now() };
    const current = docs(device.engineer);
    const ids = new Set(current.map((change) => `${change.c}/${change.id}`));
    const gone = [...device.sent].filter((key) => !ids.has(key)).map((key) => ({ c: key.split('/')[0], id: key.slice(key.indexOf('/') + 1), op: 'remove' }));
    device.sent = ids;
    return { epoch: 'e1', cursor: version, more: false, acked_seq: 0, server_time: now(), changes: [...current, ...gone] };
  };
}
