/**
 * What was recorded at one visit beside steps, parts and notes: answers, readings, photos, signatures, time. The server's
 * rows with this phone's waiting ones over them, and of each where it is. It knows no screen.
 */
import { formOf } from '$shared/answers';
import { overlaid, type Doc, type OutboxEntry, type Row } from '$sync';
import type { Kept } from '../blobs/store';
import { merged, type ItemState, type VisitTicket } from '../view';
import { text } from '../words';

export type AnswerKind = 'yes_no' | 'number' | 'text' | 'photo';
export interface Question {
  id: string;
  words: string;
  words_zh: string;
  kind: AnswerKind;
  required: boolean;
  /** Of a number, where the office has said them. */
  unit: string;
  least: number | null;
  most: number | null;
  answer: { id: string; text: string; state: ItemState } | null;
}
export interface Reading {
  id: string;
  kind: string;
  value: number;
  unit: string;
  at: number;
  state: ItemState;
}
export interface Picture {
  id: string;
  purpose: 'before' | 'after' | 'other';
  caption: string;
  sha256: string;
  at: number;
  state: ItemState;
  /** Share of the bytes that is on the server, while it is being sent. */
  share: number | null;
  thumb: ArrayBuffer | null;
  /** Why its bytes were refused. */
  why: string;
}
export interface SiteWork {
  questions: Question[];
  readings: Reading[];
  photos: Picture[];
  signatures: { id: string; by: string; at: number; state: ItemState; signed: string }[];
  minutes: { id: string; minutes: number; kind: string; state: ItemState }[];
}
export interface Held {
  rows: readonly Row[];
  outbox: readonly OutboxEntry[];
  kept: readonly Kept[];
  sending: { sha256: string; sent: number } | null;
}

const bound = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const byTime = (a: { at: number }, b: { at: number }): number => a.at - b.at;

function stateOfEdit(outbox: readonly OutboxEntry[], id: string): ItemState | null {
  const edits = outbox.filter((entry) => entry.mutation.id === id && entry.mutation.c === 'checklist_answers' && entry.state !== 'done');
  if (edits.some((entry) => entry.state === 'attention')) return 'you';
  return edits.length > 0 ? 'waiting' : null;
}

function questionsOf({ rows, outbox }: Held, ticket: VisitTicket): Question[] {
  const answers = [...overlaid('checklist_answers', rows, outbox).values()].filter((doc) => doc['ticket_id'] === ticket.id && (!ticket.doc['visit_id'] || doc['visit_id'] === ticket.doc['visit_id']));
  const asked = rows.filter((row) => row.c === 'checklists' && row.doc['ticket_kind'] === ticket.doc['kind']).map((row) => row.doc);
  asked.sort((a, b) => Number(a['position']) - Number(b['position']));
  // Those of its template come after those of its kind.
  asked.push(...(formOf(ticket.doc['form'])?.checklist ?? []) as unknown as Doc[]);
  return asked.map((doc) => {
    const answer = answers.find((one) => one['question_id'] === doc['id']);
    return {
      id: text(doc['id']), words: text(doc['question']), words_zh: text(doc['question_zh']), kind: text(doc['answer_kind']) as AnswerKind, required: doc['required'] === true,
      unit: text(doc['unit']), least: bound(doc['least']), most: bound(doc['most']),
      answer: answer && text(answer['answer']) !== '' ? { id: text(answer['id']), text: text(answer['answer']), state: stateOfEdit(outbox, text(answer['id'])) ?? 'server' } : null,
    };
  });
}

/** A photo is on the server when its row and its bytes are. */
export function pictureState(row: ItemState, doc: Doc, kept: Kept | undefined, sending: Held['sending']): ItemState {
  if (row === 'you' || kept?.state === 'refused') return 'you';
  if (sending && sending.sha256 === doc['sha256']) return 'sending';
  if (row === 'waiting') return 'waiting';
  return doc['blob'] === 'stored' || kept === undefined || kept.state === 'stored' ? 'server' : 'waiting';
}

const shareOf = (doc: Doc, sending: Held['sending']): number | null => (sending && sending.sha256 === doc['sha256'] ? sending.sent / Math.max(1, Number(doc['bytes'])) : null);

/** Of one visit's ticket. */
export function siteWork(held: Held, ticket: VisitTicket): SiteWork {
  const of = (c: string) => merged(c, held.rows, held.outbox).filter(({ doc }) => doc['ticket_id'] === ticket.id);
  const kept = new Map(held.kept.map((one) => [one.sha256, one]));
  const bytes = (doc: Doc) => kept.get(text(doc['sha256']));
  const at = (doc: Doc) => Number(doc['at'] ?? 0);
  return {
    questions: questionsOf(held, ticket),
    readings: of('readings').map(({ doc, state }) => ({ id: text(doc['id']), kind: text(doc['kind']), value: Number(doc['value']), unit: text(doc['unit']), at: at(doc), state })).sort(byTime),
    photos: of('photos').map(({ doc, state }) => ({
      id: text(doc['id']), purpose: (text(doc['purpose']) || 'other') as Picture['purpose'], caption: text(doc['caption']), sha256: text(doc['sha256']), at: at(doc),
      state: pictureState(state, doc, bytes(doc), held.sending), share: shareOf(doc, held.sending),
      thumb: bytes(doc)?.thumb ?? null, why: bytes(doc)?.why ?? '',
    })).sort(byTime),
    signatures: of('signatures').map(({ doc, state }) => ({ id: text(doc['id']), by: text(doc['signed_by']), at: at(doc), state: pictureState(state, doc, bytes(doc), held.sending), signed: text(doc['signed_sha256']) })).sort(byTime),
    minutes: of('labour').map(({ doc, state }) => ({ id: text(doc['id']), minutes: Number(doc['minutes']), kind: text(doc['kind']), state })),
  };
}

/** Required questions that have no answer yet. */
export const unanswered = (work: Pick<SiteWork, 'questions'>): Question[] => work.questions.filter((one) => one.required && one.answer === null);

export type NumberFault = 'number' | 'low' | 'high';
/** What is wrong with a number that was typed; both signs of a fraction are taken. */
export function numberIn(typed: string, least: number | null, most: number | null): { value: number } | { fault: NumberFault } {
  const plain = typed.trim().replace(',', '.').replace('−', '-');
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return { fault: 'number' };
  const value = Number(plain);
  if (least !== null && value < least) return { fault: 'low' };
  return most !== null && value > most ? { fault: 'high' } : { value };
}

export interface Gauge {
  kind: string;
  unit: string;
  /** What is still believable of a lift; beyond it somebody has slipped, or something is very wrong. */
  least: number;
  most: number;
}
/** What engineers read off; another kind has no bounds. Kinds and units go to the server as they stand here. */
export const GAUGES: readonly Gauge[] = [
  { kind: 'voltage', unit: 'V', least: 0, most: 1_000 },
  { kind: 'current', unit: 'A', least: 0, most: 500 },
  { kind: 'insulation', unit: 'MΩ', least: 0, most: 10_000 },
  { kind: 'temperature', unit: '°C', least: -40, most: 200 },
  { kind: 'speed', unit: 'm/s', least: 0, most: 20 },
  { kind: 'gap', unit: 'mm', least: 0, most: 500 },
  { kind: 'pressure', unit: 'bar', least: 0, most: 400 },
  { kind: 'meter', unit: '', least: 0, most: 1e12 },
];
