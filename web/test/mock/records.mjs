// Rows that people edit: customers, sites, assets, engineers with their certificates, parts, users, tickets. Each has a
// version, which an edit must name: whoever has read an older one is told so (412).
import { duplicate, find, invalid, need, page, Refusal } from './refusal.mjs';

const SEARCHED = { customers: ['number', 'name', 'phone'], sites: ['name', 'address'], assets: ['number', 'model'], engineers: ['code', 'name'], users: ['login'], parts: ['number', 'name', 'name_zh'] };
const UNIQUE = { customers: 'number', assets: 'number', engineers: 'code', users: 'login', parts: 'number' };
const NEEDED = {
  customers: ['number', 'name'], sites: ['customer_id', 'name', 'address', 'latitude', 'longitude'], assets: ['site_id', 'number', 'kind', 'model'],
  engineers: ['code', 'name', 'home_latitude', 'home_longitude'], users: ['login', 'display_name', 'role', 'password'], parts: ['number', 'name'],
};
const NEW = {
  engineers: () => ({ certificates: [], position: null, in_hand: { tickets: 0, minutes: 0 }, on_shift: false, shift: null, van_id: null, phone: '', max_load_minutes: 480 }),
  parts: () => ({ name_zh: '', unit: 'pcs', decimals: 0, unit_price_micros: 0, currency: 'USD' }),
  customers: () => ({ phone: '', email: '', level: '' }), sites: () => ({ access_note: '', contact: '', time_zone: '' }), assets: () => ({ manufacturer: '', description: '' }),
  users: () => ({ engineer_id: null, locale: '', email: '' }),
};

function checkPlace(body, latitude, longitude) {
  const [north, east] = [body[latitude], body[longitude]];
  if (typeof north !== 'number' || typeof east !== 'number') return;
  if (Math.abs(north) > 90) throw invalid([latitude, 'out_of_range', 'must be between -90 and 90']);
  if (Math.abs(north) > 60 && Math.abs(east) < 60) throw invalid([latitude, 'swapped', 'latitude and longitude look swapped']);
}

export function makeRecords({ db, now, changed }) {
  const versions = new Map();
  const tag = (id) => `"${versions.get(id) ?? 1}"`;
  const bump = (row) => versions.set(row.id, (versions.get(row.id) ?? 1) + 1);

  /** Refuses an edit by somebody who has not seen the row as it is. */
  function check(id, ifMatch) {
    if (!ifMatch) throw new Refusal(428, 'if_match_required', 'Name the version that you have read.');
    if (ifMatch !== tag(id)) throw new Refusal(412, 'stale', `The present version is ${tag(id)}.`);
  }
  function edit(entity, row, body, ifMatch) {
    check(row.id, ifMatch);
    Object.assign(row, body);
    changed(entity, row);
    return row;
  }
  function checkUnique(root, body, except) {
    const key = UNIQUE[root];
    if (key && body[key] !== undefined && db[root].some((row) => row[key] === body[key] && row.id !== except)) throw duplicate(key);
  }
  function checkValues(root, body) {
    checkPlace(body, root === 'engineers' ? 'home_latitude' : 'latitude', root === 'engineers' ? 'home_longitude' : 'longitude');
    if (body.currency !== undefined && !/^[A-Z]{3}$/.test(body.currency)) throw invalid(['currency', 'invalid', 'must be three capital letters, as in ISO 4217']);
  }
  function list(root, query) {
    const words = (query.get('q') ?? '').toLowerCase();
    const owned = db[root].filter((row) => ['customer_id', 'site_id'].every((key) => !query.get(key) || row[key] === query.get(key)));
    return page(owned.filter((row) => !words || SEARCHED[root].some((key) => String(row[key] ?? '').toLowerCase().includes(words))), query);
  }
  function create(root, body) {
    need(body, ...NEEDED[root]);
    checkValues(root, body);
    checkUnique(root, body);
    const { password, ...rest } = body;
    const row = { active: true, created_at: now(), ...NEW[root]?.(), ...rest, id: db.id() };
    db[root].push(row);
    changed(root, row);
    return row;
  }
  function records(method, root, id, sub, query, body, ifMatch) {
    if (sub === 'password') return null;
    if (!id) return method === 'POST' ? create(root, body) : list(root, query);
    const row = find(db[root], id);
    if (method !== 'PATCH') return row;
    checkValues(root, body);
    checkUnique(root, body, id);
    return edit(root, row, body, ifMatch);
  }

  const ofCertificate = (id) => {
    const engineer = db.engineers.find((one) => one.certificates.some((c) => c.id === id));
    if (!engineer) throw new Refusal(404, 'not_found', 'No such row.');
    return { engineer, row: engineer.certificates.find((c) => c.id === id) };
  };
  const checkSpan = (from, until, field) => {
    if (until != null && until <= from) throw invalid([field, 'out_of_order', 'must be after the start']);
  };
  function certificates(method, id, body, ifMatch) {
    const { engineer, row } = ofCertificate(id);
    if (method === 'DELETE') {
      engineer.certificates = engineer.certificates.filter((one) => one !== row);
      changed('skill_certificates', row, 'delete');
      return null;
    }
    if (method === 'GET') return row;
    const next = { ...row, ...body };
    checkSpan(next.valid_from, next.valid_until, 'valid_until');
    return edit('skill_certificates', row, body, ifMatch);
  }
  function engineerPart(method, id, sub, query, body) {
    const engineer = find(db.engineers, id);
    if (sub === 'certificates') {
      checkSpan(body.valid_from, body.valid_until, 'valid_until');
      const row = { id: db.id(), engineer_id: id, valid_until: null, ...body };
      engineer.certificates.push(row);
      changed('skill_certificates', row);
      return row;
    }
    if (method === 'GET') {
      const own = sub === 'shifts' && engineer.shift ? [{ id: `s-${id}`, engineer_id: id, ...engineer.shift }] : [];
      return page([...own, ...db[sub].filter((row) => row.engineer_id === id)], query);
    }
    checkSpan(body.starts_at, body.ends_at, 'ends_at');
    const row = { id: db.id(), engineer_id: id, ...body };
    db[sub].push(row);
    return row;
  }
  function drop(root, id) {
    db[root] = db[root].filter((row) => row.id !== id);
    return null;
  }
  function skills(method, query, body, user) {
    if (method !== 'POST') return page(db.skills, query);
    if (user.role !== 'admin') throw new Refusal(403, 'forbidden', 'Your role may not do this.');
    need(body, 'code', 'name');
    if (!/^[\w.-]+$/.test(body.code)) throw invalid(['code', 'invalid', "may have letters, digits, '-', '_' and '.'"]);
    if (db.skills.some((one) => one.code === body.code)) throw duplicate('code');
    const row = { name_zh: '', ...body };
    db.skills.push(row);
    return row;
  }
  return { records, certificates, engineerPart, drop, skills, edit, tag, bump, roots: Object.keys(SEARCHED) };
}
