/** For whom a note is, in words. */
import type { NoteAudience } from '$shared/api/types';
import { m } from '$shared/i18n/text';

export const AUDIENCES: readonly NoteAudience[] = ['team', 'office', 'customer'];
const words: Record<NoteAudience, () => string> = { office: m.audience_office, team: m.audience_team, customer: m.audience_customer };
const hints: Record<NoteAudience, () => string> = { office: m.audience_office_hint, team: m.audience_team_hint, customer: m.audience_customer_hint };
export const audienceWords = (one: NoteAudience): string => words[one]();
export const audienceHint = (one: NoteAudience): string => hints[one]();
