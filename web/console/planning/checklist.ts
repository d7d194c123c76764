/** The questions of a checklist as they are edited: moved, added, taken out, and sent whole. */
import type { Question } from '$shared/api/types';

export type AnswerKind = Question['answer_kind'];
export const ANSWER_KINDS: readonly AnswerKind[] = ['yes_no', 'number', 'text'];
export const MOST_QUESTIONS = 200;

export interface Draft {
  /** Of a question that is there already; what is new has none yet. */
  id?: string;
  /** To tell rows apart while they are edited. */
  key: number;
  question: string;
  question_zh: string;
  answer_kind: AnswerKind;
  required: boolean;
}

let keys = 0;
export const blank = (): Draft => ({ key: (keys += 1), question: '', question_zh: '', answer_kind: 'yes_no', required: false });
export const draftsOf = (questions: readonly Question[]): Draft[] =>
  [...questions].sort((a, b) => a.position - b.position).map(({ id, question, question_zh, answer_kind, required }) => ({ id, key: (keys += 1), question, question_zh, answer_kind, required }));

/** The row moved by one, or the same list where it cannot go further. */
export function moved(rows: readonly Draft[], at: number, by: -1 | 1): Draft[] {
  const next = [...rows];
  const [row, other] = [next[at], next[at + by]];
  if (row && other) [next[at], next[at + by]] = [other, row];
  return next;
}

export const bodyOf = (rows: readonly Draft[]) => ({
  questions: rows.map(({ id, question, question_zh, answer_kind, required }) => ({ ...(id ? { id } : {}), question: question.trim(), question_zh: question_zh.trim(), answer_kind, required })),
});
/** Whether there is anything to save. */
export const differs = (rows: readonly Draft[], known: readonly Question[]): boolean => JSON.stringify(bodyOf(rows)) !== JSON.stringify(bodyOf(draftsOf(known)));
