/** For whom a note is, in words. */
import type { NoteAudience } from '$shared/api/types';
import { m } from '$shared/i18n/text';

export const AUDIENCES: readonly NoteAudience[] = ['team', 'office', 'customer'];
const FROM_FEW_TO_MANY: readonly NoteAudience[] = ['office', 'team', 'customer'];
/** Of two, the one that fewer read. */
export const narrower = (one: NoteAudience, other: NoteAudience): NoteAudience => FROM_FEW_TO_MANY.find((it) => it === one || it === other) ?? one;
const words: Record<NoteAudience, () => string> = { office: m.audience_office, team: m.audience_team, customer: m.audience_customer };
const hints: Record<NoteAudience, () => string> = { office: m.audience_office_hint, team: m.audience_team_hint, customer: m.audience_customer_hint };
export const audienceWords = (one: NoteAudience): string => words[one]();
export const audienceHint = (one: NoteAudience): string => hints[one]();
