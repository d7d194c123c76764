// Stock of the stand-in: what is where, what is promised to a ticket, and the ledger. Nothing goes below what is free.
import { duplicate, find, invalid, need, page, Refusal } from './refusal.mjs';

const LIVE = ['held', 'picked', 'handed_over', 'used'];
const STEPS = { 'put-back': ['picked', 'held'], issue: ['picked', 'handed_over'] };
const BY_HAND = ['receive', 'transfer', 'adjust'];

export function makeStock({ db, now, changed }) {
  const balanceAt = (part_id, location_id) => {
    const known = db.balances.find((one) => one.part_id === part_id && one.location_id === location_id);
    if (known) return known;
    const made = { id: db.id(), part_id, location_id, on_hand: 0, reserved: 0, available: 0 };
    db.balances.push(made);
    return made;
  };
  function book(part_id, location_id, { on_hand = 0, reserved = 0 }) {
    const balance = balanceAt(part_id, location_id);
    balance.on_hand += on_hand;
    balance.reserved += reserved;
    balance.available = balance.on_hand - balance.reserved;
    changed('stock_balances', balance);
  }
  function take(part_id, location_id, quantity) {
    const free = balanceAt(part_id, location_id).available;
    if (free < quantity) throw new Refusal(409, 'shortage', `${quantity} wanted, ${free} available`);
  }
  const outside = (kind) => db.locations.find((place) => place.kind === kind).id;

  function record(kind, part_id, quantity, from_location_id, to_location_id, actor, more = {}) {
    const row = { id: db.id(), kind, part_id, quantity, from_location_id, to_location_id, actor, at: now(), note: '', reservation_id: null, ticket_id: null, ...more };
    db.movements.unshift(row);
    changed('stock_movements', row);
    return row;
  }

  /** Pieces with serial numbers are named one by one, each once. */
  function checkSerials(part_id, quantity, serials = []) {
    const tracked = find(db.parts, part_id).tracking === 'serial';
    if (!tracked && serials.length > 0) throw invalid(['serials', 'invalid', 'are kept of parts with serial numbers only']);
    if (tracked && (serials.length !== quantity || new Set(serials).size !== serials.length)) throw invalid(['serials', 'invalid', `${quantity} pieces need as many serial numbers`]);
  }
  /** Back what was moved by hand, once. */
  function undo(id, actor) {
    const done = find(db.movements, id);
    if (!BY_HAND.includes(done.kind) || done.ticket_id || done.reverses_id || db.movements.some((one) => one.reverses_id === id)) throw new Refusal(409, 'not_undoable', 'It cannot be taken back.');
    const keeps = (place) => !['supplier', 'installed', 'adjustment'].includes(find(db.locations, place).kind);
    if (keeps(done.to_location_id)) {
      take(done.part_id, done.to_location_id, done.quantity);
      book(done.part_id, done.to_location_id, { on_hand: -done.quantity });
    }
    if (keeps(done.from_location_id)) book(done.part_id, done.from_location_id, { on_hand: done.quantity });
    return record(done.kind, done.part_id, done.quantity, done.to_location_id, done.from_location_id, actor, { reverses_id: id });
  }
  function move(body, actor) {
    need(body, 'kind', 'part_id', 'quantity', 'to_location_id');
    checkSerials(body.part_id, body.quantity, body.serials);
    const { kind, part_id, quantity, to_location_id, note = '' } = body;
    if (kind === 'receive') {
      book(part_id, to_location_id, { on_hand: quantity });
      return record(kind, part_id, quantity, outside('supplier'), to_location_id, actor, { note });
    }
    if (kind === 'transfer') {
      need(body, 'from_location_id');
      if (body.from_location_id === to_location_id) throw invalid(['to_location_id', 'invalid', 'must be another place']);
      take(part_id, body.from_location_id, quantity);
      book(part_id, body.from_location_id, { on_hand: -quantity });
      book(part_id, to_location_id, { on_hand: quantity });
      return record(kind, part_id, quantity, body.from_location_id, to_location_id, actor, { note });
    }
    const difference = quantity - balanceAt(part_id, to_location_id).on_hand;
    if (difference === 0) throw new Refusal(409, 'no_difference', 'The books say so already.');
    book(part_id, to_location_id, { on_hand: difference });
    const ends = difference > 0 ? [outside('adjustment'), to_location_id] : [to_location_id, outside('adjustment')];
    return record('adjust', part_id, Math.abs(difference), ...ends, actor, { note });
  }
  function movements(query) {
    const own = (row) => (!query.get('part_id') || row.part_id === query.get('part_id')) && (!query.get('ticket_id') || row.ticket_id === query.get('ticket_id'));
    return page(db.movements.filter(own), query);
  }

  /** A list has the names of what a reservation is about; the row itself, as an act answers it, has ids only. */
  function view(row) {
    const [ticket, part, place] = [find(db.tickets, row.ticket_id), find(db.parts, row.part_id), find(db.locations, row.location_id)];
    const engineer = db.engineers.find((one) => one.id === row.engineer_id);
    return {
      ...row, ticket_number: ticket.number, engineer_code: engineer?.code ?? null, engineer_name: engineer?.name ?? null, planned_at: ticket.planned_at ?? null, due_at: ticket.due_at, part_number: part.number, part_name: part.name,
      location_code: place.code, location_kind: place.kind,
    };
  }
  const bare = ({ ticket_number, engineer_code, engineer_name, planned_at, due_at, part_number, part_name, location_code, location_kind, ...row }) => ({ created_at: now(), ...row, updated_at: now() });

  function hold(ticket, part, location_id, quantity) {
    take(part.id, location_id, quantity);
    const row = { id: db.id(), ticket_id: ticket.id, engineer_id: ticket.engineer_id, part_id: part.id, location_id, quantity, status: 'held', expires_at: now() + 86_400_000 };
    db.reservations.push(view(row));
    book(part.id, location_id, { reserved: quantity });
    changed('reservations', bare(row));
    return bare(row);
  }
  function reserve(body) {
    need(body, 'ticket_id', 'part_id');
    if (!(body.quantity >= 1)) throw invalid(['quantity', 'out_of_range', 'must be between 1 and 1000000000000']);
    const [ticket, part] = [find(db.tickets, body.ticket_id), find(db.parts, body.part_id)];
    if (['completed', 'closed', 'cancelled'].includes(ticket.status)) throw new Refusal(409, 'ticket_ended', `The ticket is ${ticket.status}.`);
    if (!part.active) throw invalid(['part_id', 'inactive', 'is no longer in use']);
    if (body.location_id) return { items: [hold(ticket, part, body.location_id, body.quantity)], next: null };
    const rank = (place) => (place.kind === 'depot' ? 1 : 0);
    const sources = db.locations.filter((place) => place.kind === 'depot' || (place.kind === 'van' && place.engineer_id === ticket.engineer_id)).sort((a, b) => rank(a) - rank(b));
    let left = body.quantity;
    const plan = [];
    for (const place of sources) {
      const some = Math.min(left, Math.max(0, balanceAt(part.id, place.id).available));
      if (some > 0) plan.push([place.id, some]);
      left -= some;
    }
    if (left > 0) throw new Refusal(409, 'shortage', `${body.quantity} wanted, ${body.quantity - left} available`);
    return { items: plan.map(([place, some]) => hold(ticket, part, place, some)), next: null };
  }

  const missing = (ticket) => ticket.needed_parts
    .map(({ part_id, quantity }) => ({ part: find(db.parts, part_id), missing: quantity - sum(db.reservations.filter((row) => row.ticket_id === ticket.id && row.part_id === part_id && LIVE.includes(row.status))) }))
    .filter((need) => need.missing > 0);
  const sum = (rows) => rows.reduce((all, row) => all + row.quantity, 0);
  /** All that there is of what the ticket needs; it waits for the rest. */
  function reserveAll(ticket) {
    const made = missing(ticket).map(({ part, missing }) => {
      const free = db.locations.filter((place) => place.kind === 'depot').map((place) => [place, Math.max(0, balanceAt(part.id, place.id).available)]).sort((a, b) => b[1] - a[1])[0];
      const some = Math.min(missing, free?.[1] ?? 0);
      return { part, missing, some, held: some > 0 ? hold(ticket, part, free[0].id, some) : null };
    });
    const wanted = made.filter(({ some, missing }) => some < missing).map(({ part, some, missing }) => {
      const row = { id: db.id(), ticket_id: ticket.id, engineer_id: ticket.engineer_id, part_id: part.id, location_id: db.locations[0].id, quantity: missing - some, status: 'wanted', expires_at: null };
      db.reservations.push(view(row));
      return bare(row);
    });
    return { reservations: made.flatMap(({ held }) => held ?? []), wanted, plan: { sources: [], shortages: [], stops: [], detour_minutes: 0 } };
  }
  /** What it needs, and which depots have some of it. */
  function ticketParts(ticket) {
    const needed = missing(ticket).map(({ part, missing }) => ({ part, quantity: missing, promised: 0, used: 0, wanted: 0, missing }));
    const places = needed.flatMap(({ part }) => db.locations
      .map((place) => ({ part, instead_of: null, place, available: balanceAt(part.id, place.id).available, own_van: place.kind === 'van' && place.engineer_id === ticket.engineer_id, minutes: 6, detour_minutes: 4 }))
      .filter((row) => row.available > 0));
    const stops = places.slice(0, 1).map((row) => row.place);
    return { needed, likely: [], reservations: db.reservations.filter((row) => row.ticket_id === ticket.id), places, plan: { sources: [], shortages: [], stops, detour_minutes: stops.length * 4 } };
  }

  function giveBack(row, body, actor) {
    need(body, 'quantity', 'location_id');
    if (row.status !== 'handed_over') throw new Refusal(409, 'illegal_move', `${row.status} cannot come back`);
    if (body.quantity < 1 || body.quantity > row.quantity) throw invalid(['quantity', 'out_of_range', `must be between 1 and ${row.quantity}`]);
    book(row.part_id, row.location_id, { on_hand: -body.quantity, reserved: -body.quantity });
    book(row.part_id, body.location_id, { on_hand: body.quantity });
    record('return', row.part_id, body.quantity, row.location_id, body.location_id, actor, { reservation_id: row.id, ticket_id: row.ticket_id });
    row.quantity -= body.quantity;
    if (row.quantity === 0) Object.assign(row, { quantity: body.quantity, status: 'returned' });
  }
  /** All of it, or the part that was found: the rest stays held. Returns what was picked. */
  function pick(row, { quantity = row.quantity, serials }) {
    if (row.status !== 'held') throw new Refusal(409, 'illegal_move', `${row.status} cannot be picked`);
    if (quantity < 1 || quantity > row.quantity) throw invalid(['quantity', 'out_of_range', `must be between 1 and ${row.quantity}`]);
    checkSerials(row.part_id, quantity, serials);
    if (quantity === row.quantity) return Object.assign(row, { status: 'picked' });
    row.quantity -= quantity;
    changed('reservations', bare(row));
    const picked = { ...row, id: db.id(), quantity, status: 'picked' };
    db.reservations.push(picked);
    return picked;
  }
  function step(row, act, actor) {
    if (act === 'release') {
      if (!['held', 'picked', 'handed_over', 'wanted'].includes(row.status)) throw new Refusal(409, 'illegal_move', `${row.status} cannot be released`);
      if (row.status !== 'wanted') book(row.part_id, row.location_id, { reserved: -row.quantity });
      if (row.status === 'picked') trays.push({ ...row, id: db.id(), reservation_id: row.id, lot: null, lot_id: null, serials: [], created_at: 0, done_by: '', done_at: null });
      row.status = 'released';
      return;
    }
    const [from, to] = STEPS[act];
    if (row.status !== from) throw new Refusal(409, 'illegal_move', `${row.status} cannot be ${to}`);
    if (act === 'issue') {
      if (!row.engineer_id) throw new Refusal(409, 'no_engineer', 'Nobody has the ticket.');
      const van = db.locations.find((place) => place.kind === 'van' && place.engineer_id === row.engineer_id);
      if (!van) throw new Refusal(409, 'no_van', 'He has no van.');
      book(row.part_id, row.location_id, { on_hand: -row.quantity, reserved: -row.quantity });
      book(row.part_id, van.id, { on_hand: row.quantity, reserved: row.quantity });
      record('issue', row.part_id, row.quantity, row.location_id, van.id, actor, { reservation_id: row.id, ticket_id: row.ticket_id });
      Object.assign(row, { location_id: van.id, location_code: van.code, location_kind: 'van' });
    }
    row.status = to;
  }
  function reservations(method, id, act, query, body, actor) {
    if (!id && method === 'POST') return reserve(body);
    if (!id) {
      const states = query.get('status')?.split(',');
      const own = (row) => (!states || states.includes(row.status)) && (!query.get('ticket_id') || row.ticket_id === query.get('ticket_id')) && (!query.get('location_id') || row.location_id === query.get('location_id'));
      return page(db.reservations.filter(own), query);
    }
    const row = find(db.reservations, id);
    if (act === 'pick') {
      const picked = pick(row, body);
      changed('reservations', bare(picked));
      return bare(picked);
    }
    if (act === 'return') giveBack(row, body, actor);
    else step(row, act, actor);
    changed('reservations', bare(row));
    return bare(row);
  }

  /** What was picked and given up, until somebody says that it is back. */
  const trays = [];
  function putBacks(method, id, query) {
    if (method !== 'POST') return page(trays.filter((row) => row.done_at === null), query);
    const row = find(trays, id);
    changed('put_backs', Object.assign(row, { done_by: 'Walt Hughes', done_at: 1 }));
    return row;
  }

  function addPlace(body) {
    need(body, 'kind', 'code', 'name', ...({ van: ['engineer_id'], bin: ['parent_id'] }[body.kind] ?? ['latitude', 'longitude']));
    if (body.kind === 'depot' && Math.abs(body.latitude) > 60 && Math.abs(body.longitude) < 60) throw invalid(['latitude', 'swapped', 'latitude and longitude look swapped']);
    if (db.locations.some((place) => place.code === body.code)) throw duplicate('code');
    const row = { id: db.id(), active: true, created_at: now(), latitude: null, longitude: null, engineer_id: null, ...body };
    db.locations.push(row);
    changed('stock_locations', row);
    return row;
  }
  function balances(query) {
    const own = (row) => (!query.get('location_id') || row.location_id === query.get('location_id')) && (!query.get('part_id') || row.part_id === query.get('part_id'));
    return page(db.balances.filter(own), query);
  }
  const places = (query) => page(db.locations.filter((place) => !query.get('kind') || place.kind === query.get('kind')), query);

  return { balanceAt, book, move, undo, movements, putBacks, reservations, reserveAll, ticketParts, addPlace, balances, places };
}
