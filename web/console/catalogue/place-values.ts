/** A place that somebody adds: a depot stands somewhere, a van belongs to an engineer. */
import type { components } from '$shared/api/schema';

export interface PlaceDraft {
  kind: 'depot' | 'van';
  code: string;
  name: string;
  latitude: number | null;
  longitude: number | null;
  engineer_id: string;
}

export const emptyPlace = (): PlaceDraft => ({ kind: 'depot', code: '', name: '', latitude: null, longitude: null, engineer_id: '' });

/** Only what belongs to its kind: what was typed before the other kind was chosen is not sent. */
export function placeBody(draft: PlaceDraft): components['schemas']['NewLocation'] {
  const texts = { kind: draft.kind, code: draft.code.trim(), name: draft.name.trim() };
  if (draft.kind === 'van') return { ...texts, ...(draft.engineer_id ? { engineer_id: draft.engineer_id } : {}) };
  return { ...texts, latitude: draft.latitude, longitude: draft.longitude };
}

/** Rows whose texts have the words typed, in any order of the fields and in whatever case. */
export function matching<T>(rows: readonly T[], words: string, texts: (row: T) => (string | null | undefined)[]): T[] {
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = texts(row).join(' ').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
