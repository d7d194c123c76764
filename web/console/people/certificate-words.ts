/** The state of a certificate, as a badge says it. */
import { m } from '$shared/i18n/text';
import type { CertificateState } from './certificates';

export const certificateTones: Record<CertificateState, string> = { expired: 'late', ending: 'warn', future: '', valid: 'good' };

const words: Record<CertificateState, () => string> = { expired: m.certificate_expired, ending: m.certificate_ending, future: m.certificate_future, valid: m.certificate_valid };
export const certificateWords = (state: CertificateState): string => words[state]();
