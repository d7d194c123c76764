/** What somebody has begun to write and not sent yet: by ticket, and one for the hand-over. It goes with the page. */
import type { NoteAudience, Reader } from '$shared/api/types';
import { session } from '$shared/session.svelte';

export interface Draft {
  text: string;
  audience?: NoteAudience;
  /** Whom it names. */
  named?: readonly Reader[];
}
export const HANDOVER = 'handover';

const kept = new Map<string, Draft>();
/** Who logs in next in the same page finds nothing of it. */
const keyOf = (about: string): string => `${session.user?.id ?? ''} ${about}`;

export const drafts = {
  of: (about: string): Draft | undefined => kept.get(keyOf(about)),
  keep(about: string, draft: Draft): void {
    if (draft.text.trim()) kept.set(keyOf(about), draft);
    else drafts.drop(about);
  },
  drop: (about: string): void => void kept.delete(keyOf(about)),
};
