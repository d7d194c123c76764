/**
 * Judges a bundle as docs/record.md says: with the bundle alone, and the key if it is known from elsewhere. The same as
 * `fettle verify record`, and the same vectors.
 */
import { leafOf, type Bundle, type Leaf, type Proved, type Shown } from './bundle';
import { bytesOf, hex, open, readKey, sha256, unbase64, type Key } from './note';

export interface Fault {
  code: 'format' | 'key' | 'head' | 'statement' | 'unreadable' | 'altered' | 'open' | 'personal' | 'why' | 'open_withheld' | 'personal_withheld' | 'foreign' | 'missing' | 'twice' | 'order' | 'chain' | 'last';
  /** Which entry, or which place in the file if it cannot be read. */
  entry: number | null;
}

export interface Head {
  epoch: string;
  size: number;
  root: string;
  at: number;
}

export interface Statement {
  ticket: string;
  entries: number;
  last: string;
  erased: string[];
  size: number;
  at: number;
}

export interface Report {
  key: Key | null;
  head: Head | null;
  statement: Statement | null;
  entries: { leaf: Leaf; proved: Proved }[];
  faults: Fault[];
}

/** No more than a file could hold, whatever an altered entry calls itself. */
const MOST_ENTRIES = 20_000;
const whole = (value: string | undefined): number | null => (value !== undefined && /^(0|[1-9]\d{0,15})$/.test(value) ? Number(value) : null);

function headOf(text: string | null): Head | null {
  const [origin, size, root, at, end, ...more] = text?.split('\n') ?? [];
  const [count, ms] = [whole(size), whole(at?.replace(/^at /, ''))];
  const bytes = unbase64(root ?? '');
  if (!origin?.startsWith('fettle-record/') || count === null || bytes?.length !== 32 || !at?.startsWith('at ') || ms === null || end !== '' || more.length > 0) return null;
  return { epoch: origin.slice('fettle-record/'.length), size: count, root: hex(bytes), at: ms };
}

function statementOf(text: string | null): Statement | null {
  const [origin, ticket, entries, last, erased, size, at, end, ...more] = text?.split('\n') ?? [];
  const [count, leaves, ms] = [whole(entries), whole(size), whole(at?.replace(/^at /, ''))];
  const [word, ...parts] = erased?.split(' ') ?? [];
  if (origin !== 'fettle-record-ticket' || ticket === undefined || count === null || last === undefined || word !== 'erased') return null;
  if (leaves === null || !at?.startsWith('at ') || ms === null || end !== '' || more.length > 0) return null;
  return { ticket, entries: count, last, erased: parts, size: leaves, at: ms };
}

const leafHash = (text: string): Promise<Uint8Array> => sha256(Uint8Array.of(0), bytesOf(text));
const node = (left: Uint8Array, right: Uint8Array): Promise<Uint8Array> => sha256(Uint8Array.of(1), left, right);

/** RFC 9162, 2.1.3.2. */
async function isIn(proved: Proved, head: Head): Promise<boolean> {
  if (proved.position >= head.size) return false;
  let [at, last, hash] = [proved.position, head.size - 1, await leafHash(proved.leaf)];
  const half = (value: number) => Math.floor(value / 2);
  for (const sibling of proved.proof) {
    if (last === 0 || !/^[\da-f]{64}$/i.test(sibling)) return false;
    const beside = Uint8Array.from(sibling.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    if (at % 2 === 1 || at === last) {
      hash = await node(beside, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = await node(hash, beside);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && hex(hash) === head.root;
}

async function part(shown: Shown | null, hashed: string | null): Promise<'as it was' | 'another' | 'gone'> {
  if (shown === null) return hashed === null ? 'as it was' : 'gone';
  return hex(await sha256(bytesOf(shown.salt + shown.text))) === hashed ? 'as it was' : 'another';
}

/** What can be said of an entry by itself. */
async function alone({ leaf, proved }: { leaf: Leaf; proved: Proved }, head: Head | null, said: Statement | null): Promise<Fault[]> {
  const { entry } = leaf;
  const faults: Fault[] = [];
  if (head && !(await isIn(proved, head))) faults.push({ code: 'altered', entry });
  for (const name of ['open', 'personal'] as const) {
    const found = await part(proved[name], leaf[name]);
    if (found === 'another') faults.push({ code: name, entry });
    if (found === 'gone' && said && !said.erased.includes(`${entry}${name[0] ?? ''}`)) faults.push({ code: `${name}_withheld`, entry });
  }
  const why = proved.why === null ? null : hex(await sha256(bytesOf(proved.why)));
  if (why !== leaf.why) faults.push({ code: 'why', entry });
  if (said && leaf.ticket_id !== said.ticket) faults.push({ code: 'foreign', entry });
  return faults;
}

/** What can be said of them together: whether all are there, once, in order. */
async function together(entries: Report['entries'], said: Statement | null, altered: ReadonlySet<number | null>): Promise<Fault[]> {
  const faults: Fault[] = [];
  const hashes = new Map<number, string>();
  let highest = 0;
  for (const { leaf, proved } of entries) {
    const { entry } = leaf;
    if (hashes.has(entry)) faults.push({ code: 'twice', entry });
    else if (entry < highest) faults.push({ code: 'order', entry });
    hashes.set(entry, hex(await leafHash(proved.leaf)));
    highest = Math.max(highest, entry);
  }
  const count = Math.min(said?.entries ?? highest, MOST_ENTRIES);
  for (let entry = 1; entry <= count; entry++) if (!hashes.has(entry)) faults.push({ code: 'missing', entry });
  const asItWas = (entry: number) => (altered.has(entry) ? undefined : hashes.get(entry));
  for (const { leaf } of entries) {
    const before = asItWas(leaf.entry) && asItWas(leaf.entry - 1);
    if (before !== undefined && before !== leaf.previous) faults.push({ code: 'chain', entry: leaf.entry });
  }
  const last = said && asItWas(said.entries);
  if (said && last && last !== said.last) faults.push({ code: 'last', entry: said.entries });
  return faults;
}

/** Judges a bundle; `pinned` is the key that it must be signed with, if that is known. */
export async function check(bundle: Bundle, pinned: Key | null): Promise<Report> {
  const faults: Fault[] = [];
  if (bundle.format !== 'fettle-record-1') faults.push({ code: 'format', entry: null });
  const own = await readKey(bundle.public_key);
  if (!own || (pinned && own.text !== pinned.text)) faults.push({ code: 'key', entry: null });
  const key = pinned ?? own;
  const head = headOf(key && (await open(key, bundle.head)));
  let said = statementOf(key && (await open(key, bundle.statement)));
  if (said && head && said.size !== head.size) said = null;
  if (!head) faults.push({ code: 'head', entry: null });
  if (!said) faults.push({ code: 'statement', entry: null });
  const entries: Report['entries'] = [];
  for (const [place, proved] of bundle.entries.entries()) {
    const leaf = leafOf(proved);
    if (leaf) entries.push({ leaf, proved });
    else faults.push({ code: 'unreadable', entry: place + 1 });
  }
  for (const one of entries) faults.push(...(await alone(one, head, said)));
  const altered = new Set(faults.filter((fault) => fault.code === 'altered').map((fault) => fault.entry));
  faults.push(...(await together(entries, said, altered)));
  return { key, head, statement: said, entries, faults };
}
