/** Where a mail stands, in words and colour. */
import type { MailState } from '$shared/api/types';
import { m } from '$shared/i18n/text';

export const MAIL_STATES: MailState[] = ['waiting', 'sent', 'dead'];
const words: Record<MailState, () => string> = { waiting: m.mail_waiting, sent: m.mail_sent, dead: m.mail_dead };
export const mailTones: Record<MailState, string> = { waiting: 'warn', sent: 'good', dead: 'late' };
export const mailWords = (state: MailState): string => words[state]();
