/** The end of a visit in three questions, and what becomes of the answers: a note, perhaps a ticket, and the step. */
import { m } from '$shared/i18n/text';
import type { Doc } from '$sync';
import type { VisitTicket } from '../view';
import { text } from '../words';

export type Solved = 'yes' | 'partly' | 'no';
export type FollowUp = 'none' | 'visit' | 'other';
export interface Finish {
  solved: Solved | null;
  done: string;
  followUp: FollowUp | null;
  /** What a further visit or another ticket is about. */
  about: string;
}
export type FinishFault = 'solved' | 'done' | 'followUp' | 'about';

export const newFinish = (done = ''): Finish => ({ solved: null, done, followUp: null, about: '' });

export function faultsOf(finish: Finish): FinishFault[] {
  const faults: FinishFault[] = [];
  if (finish.solved === null) faults.push('solved');
  if (finish.done.trim() === '') faults.push('done');
  if (finish.followUp === null) faults.push('followUp');
  if (finish.followUp !== null && finish.followUp !== 'none' && finish.about.trim() === '') faults.push('about');
  return faults;
}

const solvedWords = { yes: m.finish_yes, partly: m.finish_partly, no: m.finish_no };

export const noteOf = (finish: Finish): string =>
  [`${m.finish_solved()} ${solvedWords[finish.solved ?? 'no']()}`, finish.done.trim(), finish.about.trim()].filter(Boolean).join('\n');

/** The ticket that a follow-up is; null where none is needed or nobody knows where it would be. */
export function ticketOf(finish: Finish, of: VisitTicket): Doc | null {
  if (finish.followUp === null || finish.followUp === 'none') return null;
  const place: Doc = of.doc['asset_id'] && finish.followUp === 'visit' ? { asset_id: of.doc['asset_id'] } : of.doc['site_id'] ? { site_id: of.doc['site_id'] } : {};
  if (Object.keys(place).length === 0) return null;
  const number = text(of.doc['number']);
  const title = finish.followUp === 'visit' ? m.follow_up_of({ number, about: finish.about.trim() }) : finish.about.trim();
  return { ...place, title: title.slice(0, 200), kind: text(of.doc['kind']) || 'repair', description: m.made_on_site({ number }) };
}
