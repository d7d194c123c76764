// A phone of the engineer who can log in, as far as tests of the office need one: it pushes rows, sends bytes by tus,
// and gives away what it cannot send.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { caller } from './seed.mjs';

const uuidv7 = () => randomUUID().replace(/-4(...)-/, '-7$1-');
const base64 = (text) => Buffer.from(text).toString('base64');
export const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Two people and a phone: `office` and `engineer` call the API, `push` says what the phone did. */
export async function enrolled(url, platform = 'web') {
  const { demo_logins } = await (await fetch(`${url}/api/v1/meta`)).json();
  const [office, engineer] = await Promise.all(['dispatcher', 'engineer'].map((role) => caller(url, demo_logins, role)));
  const { user } = await engineer('GET', '/session');
  const device_id = uuidv7();
  const { token, epoch } = await engineer('POST', '/../../sync/v1/devices', { device_id, platform, app_version: '1', schema: 2 });
  const headers = { Authorization: `Bearer ${token}` };
  let seq = 0;

  async function push(c, set, results = /^applied$/) {
    const [at, mid] = [Date.now(), uuidv7()];
    const whole = { visit_id: set.visit_id, engineer_id: user.engineer_id, at, ...set };
    const mutation = { mid, seq: (seq += 1), op: 'insert', c, id: mid, set: whole, hlc: `${at.toString(16).padStart(12, '0')}-0000-${device_id.slice(-8)}`, wall: at, mono: seq, boot: 'b', schema: 2 };
    const answer = await fetch(`${url}/sync/v1/push`, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ epoch, sent: { wall: at, mono: seq + 1, boot: 'b' }, mutations: [mutation] }) });
    const said = await answer.text();
    assert.ok(answer.ok, said);
    assert.match(JSON.parse(said).results[0].result, results, said);
    return mid;
  }
  async function blob(bytes, type) {
    const tus = { ...headers, 'Tus-Resumable': '1.0.0' };
    const begun = await fetch(`${url}/sync/v1/blobs`, { method: 'POST', headers: { ...tus, 'Upload-Length': String(bytes.length), 'Upload-Metadata': `sha256 ${base64(hashOf(bytes))},filetype ${base64(type)}` } });
    assert.equal(begun.status, 201, await begun.text());
    const done = await fetch(new URL(begun.headers.get('location'), url), { method: 'PATCH', headers: { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }, body: bytes });
    assert.equal(done.status, 204, await done.text());
  }
  const rescue = (bytes) => fetch(`${url}/sync/v1/rescue`, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/octet-stream' }, body: bytes });
  /** A ticket that is his. */
  async function ticket(title) {
    const { items: [asset] } = await office('GET', '/assets?limit=1');
    const made = await office('POST', '/tickets', { kind: 'repair', priority: 3, title, expected_minutes: 5, asset_id: asset.id, dispatch: 'manual' });
    await office('POST', `/tickets/${made.id}/assignments`, { engineer_id: user.engineer_id, reason: 'test' });
    return made;
  }
  return { office, engineer: user, device_id, push, blob, rescue, ticket };
}
