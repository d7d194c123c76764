/**
 * What the palette shows: everything of that name, asked of the server, or what a command would change, before it does.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { Engineer, Ticket, Verdict } from '$shared/api/types';
import { symptomLabel } from '$shared/i18n/labels';
import { problemWords } from '$shared/i18n/problems';
import { m } from '$shared/i18n/text';
import { bestFirst } from '../carry/words';
import { screens as shown } from '../screens.svelte';
import { nameOf, undo } from '../undo/undo.svelte';
import { actionText } from '../undo/words';
import { session } from '$shared/session.svelte';
import { commandOf, meant, wordsOf, type AssignCommand, type Word } from './commands';

const MOST = 5;

export interface Entry {
  key: string;
  kind: () => string;
  title: string;
  sub: string;
  /** Where it leads; or what it does. */
  href: string;
  run?: () => void;
}

const screens: [() => string, string][] = [
  [m.nav_dispatch, '/'], [m.nav_planning, '/planning'], [m.nav_customers, '/customers'], [m.nav_people, '/people'], [m.nav_catalogue, '/catalogue'],
];

/** What each would do: what is undone is named before it is. */
async function deed(word: Word): Promise<Entry> {
  const entry = (title: string, run: () => void): Entry => ({ key: `do-${word}`, kind: m.palette_do, title, sub: '', href: '/', run });
  if (word === 'proposal') return entry(m.proposal(), () => (shown.proposal = true));
  if (word === 'recent') return entry(m.recent_actions(), () => (shown.recent = true));
  const actions = await ask(api.GET('/api/v1/dispatch/actions', { params: { query: { limit: 200 } } })).catch(() => ({ items: [] }));
  const mine = actions.items.filter((action) => action.user_id === session.user?.id);
  const done = mine.find((action) => action.undone_at == null);
  if (word === 'undo') return entry(done ? m.undo_what({ what: actionText(done, nameOf) }) : m.problem_nothing_to_undo(), () => void undo.undo());
  return entry(m.redo(), () => void undo.redo());
}

/** Commands and screens by their name, then tickets, engineers, customers and parts; who has no right to a list finds nothing in it. */
export async function find(words: string): Promise<Entry[]> {
  const text = words.trim();
  const pages = screens.filter(([name]) => name().toLowerCase().includes(text.toLowerCase()));
  const entries: Entry[] = pages.map(([name, href]) => ({ key: href, kind: m.palette_page, title: name(), sub: '', href }));
  if (text === '') return entries;
  const deeds = await Promise.all(wordsOf(text).map(deed));
  const query = { params: { query: { q: text, limit: MOST } } };
  const nothing = () => ({ items: [] });
  const [tickets, engineers, customers, parts] = await Promise.all([
    ask(api.GET('/api/v1/tickets', query)).catch(nothing), ask(api.GET('/api/v1/engineers', query)).catch(nothing),
    ask(api.GET('/api/v1/customers', query)).catch(nothing), ask(api.GET('/api/v1/parts', query)).catch(nothing),
  ]);
  return [
    ...deeds,
    ...tickets.items.map((one) => ({ key: one.id, kind: m.ticket, title: `#${one.number} ${symptomLabel(one.symptom) || one.title}`, sub: one.address, href: `/?ticket=${one.id}` })),
    ...engineers.items.map((one) => ({ key: one.id, kind: m.engineer, title: one.name, sub: one.code, href: `/people?id=${one.id}` })),
    ...customers.items.map((one) => ({ key: one.id, kind: m.customer, title: one.name, sub: '', href: `/customers?id=${one.id}` })),
    ...parts.items.map((one) => ({ key: one.id, kind: m.part, title: one.name, sub: one.number, href: `/catalogue?id=${one.id}` })),
    ...entries,
  ];
}

/** What a command would change. */
export interface Change {
  ticket: Ticket;
  engineer: Engineer;
  /** Absent if he has it already. */
  verdict: Verdict | null;
}

/** The change, or why there is none in words. */
export async function changeOf(command: AssignCommand): Promise<Change | string> {
  const tickets = await ask(api.GET('/api/v1/tickets', { params: { query: { q: String(command.ticket), limit: MOST } } }));
  const ticket = tickets.items.find((one) => one.number === command.ticket);
  if (!ticket) return m.palette_no_ticket({ number: String(command.ticket) });
  const said = await ask(api.POST('/api/v1/dispatch/verdicts', { body: { ticket_id: ticket.id } }));
  const best = bestFirst(said.items)[0];
  if (command.engineer === null) {
    if (!best) return m.palette_nobody({ number: String(ticket.number) });
    const engineer = await ask(api.GET('/api/v1/engineers/{id}', { params: { path: { id: best.engineer_id } } }));
    return { ticket, engineer, verdict: best };
  }
  const people = await ask(api.GET('/api/v1/engineers', { params: { query: { q: command.engineer, limit: MOST } } }));
  const engineer = meant(people.items, command.engineer);
  if (!engineer) return m.palette_no_engineer({ name: command.engineer });
  return { ticket, engineer, verdict: said.items.find((one) => one.engineer_id === engineer.id) ?? null };
}

/** What stands below the field. */
export interface Answer {
  /** What it answers: one may have typed on. */
  words: string;
  entries: Entry[];
  change: Change | null;
  /** Why there is neither. */
  trouble: string;
}
export const NOTHING: Answer = { words: '', entries: [], change: null, trouble: '' };

export async function answerTo(words: string): Promise<Answer> {
  try {
    const command = commandOf(words);
    if (!command) return { ...NOTHING, words, entries: await find(words) };
    const change = await changeOf(command);
    return { ...NOTHING, words, ...(typeof change === 'string' ? { trouble: change } : { change }) };
  } catch (cause) {
    const trouble = cause instanceof Problem ? problemWords(cause, []).join(' ') : m.load_failed();
    return { ...NOTHING, words, trouble };
  }
}

/**
 * What Enter does. Who pressed it before the answer was there goes to the page that it leads to; what changes something
 * he reads first, and presses it again.
 */
export function onEnter({ entries, change }: Answer, at: number, early: boolean): 'apply' | Entry | null {
  const entry = entries[at] ?? null;
  if (early) return change || entry?.run ? null : entry;
  return change ? 'apply' : entry;
}
