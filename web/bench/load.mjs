// A process of its own: so many changes a second through the server's API, for so long. It says at the end how many there were.
//   node load.mjs URL CHANGES_A_SECOND SECONDS
// Edits of tickets, some of which an engineer has; now and then one is given to somebody (several rows each); once a second everybody's
// position. The number of a row's last change is in its ETag, so the highest seen tells how many there were.
import { caller, everything, positions } from './site.mjs';

const [url, rate, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const TICK_MS = 20;
const GIVE_EVERY = 25;
const call = await caller(url);
const [people, tickets] = [await everything(call, '/engineers'), await everything(call, '/tickets?status=new,assigned')];
const tags = new Map();
// The marks of the one who measures are put on a ticket that nobody else edits.
const edited = tickets.filter((ticket) => !ticket.title.startsWith('mark'));

let [first, last, waiting, done, refused] = [0, 0, 0, 0, 0];
const see = (tag) => {
  const number = Number(tag.replaceAll('"', ''));
  first ||= number;
  last = Math.max(last, number);
};

async function change(turn) {
  const ticket = edited[(turn * 37) % edited.length];
  if (turn % GIVE_EVERY === 0 && !ticket.engineer_id && ticket.required_skills.length === 0) {
    ticket.engineer_id = people[turn % people.length].id;
    see((await call('POST', `/tickets/${ticket.id}/assignments`, { engineer_id: ticket.engineer_id, reason: 'load' })).tag);
    tags.delete(ticket.id);
    return;
  }
  const tag = tags.get(ticket.id) ?? (await call('GET', `/tickets/${ticket.id}`)).tag;
  const answer = await call('PATCH', `/tickets/${ticket.id}`, turn % 2 ? { priority: 1 + (turn % 4) } : { title: `${ticket.title} ${turn}` }, { 'If-Match': tag });
  tags.set(ticket.id, answer.tag);
  see(answer.tag);
}

const begun = Date.now();
let turn = 0;
let told = 0;
const due = () => rate * (Date.now() - begun) / 1_000;
const timer = setInterval(() => {
  while (waiting < 16 && last - first + waiting < due()) {
    waiting += 1;
    turn += 1;
    change(turn).then(() => (done += 1), () => (refused += 1)).finally(() => (waiting -= 1));
  }
  const now = Math.floor((Date.now() - begun) / 1_000);
  if (now > told) {
    told = now;
    void call('POST', '/positions', { positions: positions(people, now) }).catch(() => undefined);
  }
  if (now < seconds) return;
  clearInterval(timer);
  const took = (Date.now() - begun) / 1_000;
  console.log(JSON.stringify({ changes: last - first, seconds: took, a_second: (last - first) / took, requests: done, refused }));
  process.exit(0);
}, TICK_MS);
console.log('begun');
