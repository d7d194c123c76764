/** What engineers recorded on site, read together, and the words for it. */
import { api, ask } from '$shared/api/client';
import type { ChecklistAnswer, Labour, Photo, Reading, Signature } from '$shared/api/types';
import { labourLabel } from '$shared/i18n/labels';
import { m } from '$shared/i18n/text';

export interface SiteWork {
  answers: ChecklistAnswer[];
  readings: Reading[];
  photos: Photo[];
  signatures: Signature[];
  labour: Labour[];
}

/** All of one ticket; the server answers each whole, since it is the record of one ticket. */
export async function readWork(id: string): Promise<SiteWork> {
  const params = { path: { id } };
  const [answers, readings, photos, signatures, labour] = await Promise.all([
    ask(api.GET('/api/v1/tickets/{id}/checklist-answers', { params })), ask(api.GET('/api/v1/tickets/{id}/readings', { params })),
    ask(api.GET('/api/v1/tickets/{id}/photos', { params })), ask(api.GET('/api/v1/tickets/{id}/signatures', { params })), ask(api.GET('/api/v1/tickets/{id}/labour', { params })),
  ]);
  return { answers: answers.items, readings: readings.items, photos: photos.items, signatures: signatures.items, labour: labour.items };
}

export const isEmpty = (work: SiteWork): boolean => Object.values(work).every((rows: unknown[]) => rows.length === 0);
export const answerWords = (answer: string): string => (answer === 'yes' ? m.yes() : answer === 'no' ? m.no() : answer);
/** A kind that only the phone's app has a name for, "door_voltage", as one reads it. */
export const kindWords = (kind: string): string => kind.replaceAll('_', ' ');
export const minutesOf = (labour: readonly Labour[]): number => labour.reduce((sum, one) => sum + one.minutes, 0);
export const labourWords = (kind: string): string => (kind === '' ? m.labour_work() : kindWords(labourLabel(kind)));
export const blobPath = (sha256: string): string => `/api/v1/blobs/${sha256}`;
