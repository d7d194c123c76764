// Plausible Midtown data for looking at the pages without a server. Buildings and lift numbers are from the public
// lift register (see the attributions of the demo data); people, customers and tickets are invented.
import { readFileSync } from 'node:fs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const buildings = JSON.parse(readFileSync(new URL('./sites.json', import.meta.url), 'utf8'));

/** A small seeded generator, so that two screenshots of one commit are the same. */
function seeded(seed) {
  let s = seed;
  return () => ((s = (s * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
}

const title = (text) => text.toLowerCase().replace(/\b[a-z]/g, (c) => c.toUpperCase()).replace(/(\d)(St|Nd|Rd|Th)\b/g, (_, d, s) => d + s.toLowerCase());

export function makeData(now) {
  const rand = seeded(11);
  const pick = (list) => list[Math.floor(rand() * list.length)];
  let serial = 0;
  const id = () => `0198f3c2-0000-7000-8000-${String((serial += 1)).padStart(12, '0')}`;

  const skills = [
    { code: 'lift_traction', name: 'Traction lift', name_zh: '曳引电梯' }, { code: 'lift_hydraulic', name: 'Hydraulic lift', name_zh: '液压电梯' },
    { code: 'escalator', name: 'Escalator', name_zh: '自动扶梯' }, { code: 'safety_gear', name: 'Safety gear', name_zh: '安全钳' }, { code: 'door_drive', name: 'Door drive', name_zh: '门机' },
  ];
  const parts = [
    ['DR-110', 'Door roller', '门滑轮'], ['DR-212', 'Door drive belt', '门机皮带'], ['CT-040', 'Main contactor 40 A', '主接触器 40 A'], ['EN-512', 'Shaft encoder', '编码器'],
    ['BR-007', 'Brake lining', '制动衬片'], ['GS-300', 'Guide shoe insert', '导靴靴衬'], ['PB-020', 'Landing push button', '外呼按钮'], ['OV-068', 'Hydraulic oil ISO 68', '液压油 ISO 68', 'l', 1],
    ['HR-900', 'Handrail drive chain', '扶手驱动链'], ['ST-044', 'Step roller', '梯级滚轮'], ['PS-024', 'Power supply 24 V', '24 V 电源'], ['RL-008', 'Safety relay', '安全继电器'],
  ].map(([number, name, name_zh, unit = 'pcs', decimals = 0]) => ({ id: id(), number, name, name_zh, unit, decimals, unit_price_micros: 25_000_000, currency: 'USD', active: true, created_at: now, tracking: number === 'EN-512' ? 'serial' : number === 'BR-007' ? 'lot' : 'none', returnable: number === 'EN-512', warranty_days: 0 }));

  const customers = ['Bryant Park Offices', 'Hudson Property Group', 'Lexington Hotels', 'Midtown Retail Trust', 'Garment District Lofts', 'Times Square Theatres'].map((name, i) => ({
    id: id(), number: `C-${1001 + i}`, name, phone: `+1 212 555 01${10 + i}`, email: `facilities@${name.toLowerCase().replace(/ /g, '-')}.example`, level: ['gold', 'standard', 'silver'][i % 3], created_at: now,
  }));
  const sites = [];
  const assets = [];
  for (const [address, latitude, longitude, lifts] of buildings) {
    const site = {
      id: id(), customer_id: pick(customers).id, name: title(address), address: `${title(address)}, New York`, latitude, longitude,
      access_note: rand() < 0.5 ? pick(['Freight entrance, ring the porter', 'Gate code 4471', 'Badge at the security desk']) : '', contact: rand() < 0.5 ? 'Porter, +1 212 555 0199' : '', time_zone: 'America/New_York', created_at: now,
    };
    sites.push(site);
    for (const [number, kind, machine] of lifts) assets.push({ id: id(), site_id: site.id, number, kind: kind === 'Escalator' ? 'escalator' : 'lift', model: `${kind} ${machine}`, manufacturer: pick(['Otis', 'Schindler', '', 'Kone']), description: '', created_at: now });
  }
  const names = ['Maria Lopez', 'James Okafor', '王建国', 'Anna Kowalski', 'Dmitri Volkov', '陈晓燕', 'Samuel Green', 'Priya Nair', 'Tom Becker', 'Fatima Haddad', '李志强', 'Luis Ortega', 'Grace Kim', 'Henry Walsh', 'Olu Adeyemi', 'Nina Rossi', '赵敏', 'Carlos Mendes'];
  const engineers = names.map((name, i) => {
    const here = pick(sites);
    const off = i >= 15;
    const certificate = (skill, level, from, until) => ({ id: id(), engineer_id: '', skill, level, number: `NY-${2000 + serial}`, valid_from: now + from * DAY, valid_until: until === null ? null : now + until * DAY });
    const certificates = [certificate('lift_traction', 1 + (i % 3), -700, 400), ...(i % 2 ? [certificate('escalator', 2, -300, i % 4 === 1 ? 12 : 200)] : []), ...(i % 5 === 0 ? [certificate('safety_gear', 1, -900, -20)] : []), ...(i % 3 === 0 ? [certificate('door_drive', 2, -100, null)] : [])];
    const engineer = {
      id: id(), code: `E-${String(i + 1).padStart(2, '0')}`, name, phone: `+1 212 555 02${10 + i}`, home_latitude: here.latitude, home_longitude: here.longitude, max_load_minutes: 480, active: i !== 17, created_at: now,
      certificates, position: { latitude: here.latitude + (rand() - 0.5) * 0.002, longitude: here.longitude + (rand() - 0.5) * 0.002, at: now - Math.floor(rand() * 6) * MINUTE },
      in_hand: { tickets: 0, minutes: 0 }, on_shift: !off, shift: off ? null : { starts_at: now - 3 * HOUR, ends_at: now + 5 * HOUR }, van_id: null,
    };
    for (const c of certificates) c.engineer_id = engineer.id;
    return engineer;
  });
  const locations = [
    { id: id(), kind: 'depot', code: 'D-EAST', name: 'Depot East 44th', latitude: 40.752, longitude: -73.972, engineer_id: null, active: true, created_at: now },
    { id: id(), kind: 'depot', code: 'D-WEST', name: 'Depot West 38th', latitude: 40.757, longitude: -74.0, engineer_id: null, active: true, created_at: now },
  ];
  locations.push(
    { id: id(), kind: 'bin', code: 'D-EAST-A1', name: 'Shelf A1', latitude: null, longitude: null, engineer_id: null, parent_id: locations[0].id, active: true, created_at: now },
    { id: id(), kind: 'quarantine', code: 'Q-EAST', name: 'Set aside', latitude: null, longitude: null, engineer_id: null, active: true, created_at: now },
  );
  for (const engineer of engineers) {
    const van = { id: id(), kind: 'van', code: `V-${engineer.code.slice(2)}`, name: `Van of ${engineer.name}`, latitude: null, longitude: null, engineer_id: engineer.id, active: true, created_at: now };
    engineer.van_id = van.id;
    locations.push(van);
  }
  // Where stock comes from and goes to; movements name them, nothing lies there.
  for (const kind of ['supplier', 'installed', 'adjustment']) locations.push({ id: id(), kind, code: kind.toUpperCase(), name: kind, latitude: null, longitude: null, engineer_id: null, active: true, created_at: now });
  const balances = [];
  for (const part of parts) {
    for (const location of locations.filter((one) => one.kind === 'depot' || one.kind === 'van')) {
      if (location.kind === 'van' && rand() < 0.7) continue;
      const on_hand = location.kind === 'van' ? 1 + Math.floor(rand() * 3) : Math.floor(rand() * 40);
      const reserved = Math.min(on_hand, Math.floor(rand() * 4));
      balances.push({ id: id(), part_id: part.id, location_id: location.id, on_hand, reserved, available: on_hand - reserved });
    }
  }
  const symptoms = ['Callback/repair', 'Car stuck between floors', 'Doors do not close', 'Minor repair', 'Power surge', 'Does not level at floor 12', 'Noise from the shaft', 'Handrail slips', 'Fire alarm recall', 'Safety inspection'];
  const spans = { 1: 2 * HOUR, 2: 8 * HOUR, 3: 3 * DAY, 4: 7 * DAY };
  const states = ['new', 'new', 'assigned', 'accepted', 'travelling', 'on_site', 'working', 'working', 'waiting', 'completed', 'assigned'];
  const tickets = [];
  const reservations = [];
  for (let i = 0; i < 96; i += 1) {
    const asset = pick(assets);
    const site = sites.find((one) => one.id === asset.site_id);
    const priority = pick([1, 2, 2, 2, 3, 3, 3, 4]);
    const status = i < 9 ? 'new' : pick(states.slice(2));
    const used = priority <= 2 ? rand() * 1.08 : rand() * 0.9;
    const created_at = Math.round(now - used * spans[priority]);
    const engineer = status === 'new' ? null : pick(engineers.slice(0, 15));
    const symptom = pick(symptoms);
    const needed = rand() < 0.5 ? [{ part_id: pick(parts).id, quantity: 1 + Math.floor(rand() * 2) }] : [];
    const ticket = {
      id: id(), number: 1042 + i, kind: symptom === 'Safety inspection' ? 'inspection' : 'repair', priority, title: `${asset.number}: ${symptom}`, description: rand() < 0.4 ? 'Reported by the porter. Two passengers were let out, nobody hurt.' : '', symptom, status,
      customer_id: site.customer_id, site_id: site.id, asset_id: asset.id, visit_id: id(), engineer_id: engineer?.id ?? null, required_skills: [{ skill: asset.kind === 'escalator' ? 'escalator' : 'lift_traction', level: 1 + Math.floor(rand() * 3) }], needed_parts: needed,
      expected_minutes: 30 + 15 * Math.floor(rand() * 6), earliest_at: created_at, latest_at: null, due_at: created_at + spans[priority], planned_at: engineer ? now + Math.floor(rand() * 180) * MINUTE : null, access_note: rand() < 0.3 ? 'Ask for the lift key at the desk' : '', site_contact: site.contact, auto_dispatch: true,
      latitude: site.latitude, longitude: site.longitude, address: site.address,
      queue_reasons: status === 'new' && i < 6 ? [{ rule: 'certificate_level', count: 7 }, { rule: 'off_shift', count: 4 }, { rule: 'workload', count: 3 }].slice(0, 1 + (i % 3)) : [], created_at, completed_at: status === 'completed' ? now - 10 * MINUTE : null, closed_at: null,
    };
    tickets.push(ticket);
    if (!engineer) continue;
    engineer.in_hand.tickets += 1;
    engineer.in_hand.minutes += ticket.expected_minutes;
    for (const need of needed) {
      const location = rand() < 0.7 ? pick(locations.slice(0, 2)) : locations.find((l) => l.engineer_id === engineer.id);
      const part = parts.find((p) => p.id === need.part_id);
      reservations.push({
        id: id(), ticket_id: ticket.id, ticket_number: ticket.number, engineer_id: engineer.id, engineer_code: engineer.code, engineer_name: engineer.name, planned_at: ticket.planned_at, due_at: ticket.due_at, part_id: part.id, part_number: part.number, part_name: part.name, location_id: location.id, location_code: location.code, location_kind: location.kind,
        quantity: need.quantity, status: pick(['held', 'held', 'held', 'picked', 'handed_over', 'wanted']), expires_at: now + Math.floor(20 + rand() * 400) * MINUTE,
      });
    }
  }
  const users = [
    ['admin', 'Ada Minton', 'admin', null], ['dispatch', 'Dora Reyes', 'dispatcher', null], ['store', 'Walt Hughes', 'warehouse', null], ['maria', 'Maria Lopez', 'engineer', engineers[0].id],
  ].map(([login, display_name, role, engineer_id]) => ({ id: id(), login, display_name, role, engineer_id, locale: '', email: role === 'engineer' ? '' : `${login}@lifts.example`, active: true, created_at: now }));
  return { id, skills, parts, customers, sites, assets, engineers, locations, balances, tickets, reservations, users, movements: [], shifts: [], absences: [], notes: [], usage: [] };
}
