// Work for a server that has none: the demo, while it is paused, has people, lifts and stock, but its day has not begun.
const ENOUGH = 8;
const FAULTS = ['Doors do not close', 'Car stuck between floors', 'Does not level at floor 12', 'Noise from the shaft', 'Fire alarm recall', 'Door drive hums', 'Landing button dark'];

/** A caller of the API with a session of its own. */
export async function caller(url, logins, role) {
  const demo = logins.find((one) => one.role === role);
  if (!demo) throw new Error(`the server names no demo log-in for ${role}`);
  let cookie = '';
  const call = async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers: { Cookie: cookie, 'Content-Type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer.json();
  };
  await call('POST', '/session', { login: demo.login, password: demo.password });
  return Object.assign(call, { cookie: () => cookie });
}

/** Tickets in every section of the queue, three of them with the engineer who can log in, and parts to pick. */
export async function seed(url) {
  const { demo_logins } = await (await fetch(`${url}/api/v1/meta`)).json();
  const office = await caller(url, demo_logins, 'dispatcher');
  const open = await office('GET', `/tickets?status=new,assigned,accepted&limit=${ENOUGH}`);
  if (open.items.length >= ENOUGH) return;
  const { user } = await (await caller(url, demo_logins, 'engineer'))('GET', '/session');
  const { items: assets } = await office('GET', '/assets?limit=200');
  const { items: balances } = await office('GET', '/stock?limit=200');
  const { items: places } = await office('GET', '/stock-locations?limit=200');
  const depots = new Set(places.filter((place) => place.kind === 'depot').map((place) => place.id));
  const shelves = balances.filter((balance) => depots.has(balance.location_id) && balance.available > 2);
  const pick = (list, i) => list[(i * 13) % list.length];
  const ticket = (i, more) => office('POST', '/tickets', { kind: 'repair', priority: 1 + (i % 4), title: `${pick(assets, i).number}: ${FAULTS[i % FAULTS.length]}`, symptom: FAULTS[i % FAULTS.length], asset_id: pick(assets, i).id, ...more });
  for (let i = 0; i < 8; i += 1) await ticket(i, { dispatch: 'manual', required_skills: i % 2 ? [{ skill: 'LIFT-A', level: 1 + (i % 3) }] : [] });
  for (let i = 8; i < 18; i += 1) {
    const mine = i < 11;
    const { id } = await ticket(i, { dispatch: mine ? 'manual' : 'auto', expected_minutes: 30 });
    if (mine) await office('POST', `/tickets/${id}/assignments`, { engineer_id: user.engineer_id, reason: 'Knows the building' });
    const shelf = pick(shelves, i);
    await office('POST', '/reservations', { ticket_id: id, part_id: shelf.part_id, quantity: 1 + (i % 2), location_id: shelf.location_id });
  }
}
