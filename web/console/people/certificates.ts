/** How a certificate stands: a date that passes unnoticed is a visit that must be done twice. */
import type { Certificate } from '$shared/api/types';
import { toLocalInput } from '$shared/i18n/format';

export type CertificateState = 'expired' | 'ending' | 'future' | 'valid';

const DAY = 86_400_000;
export const WARN_DAYS = 30;

export function stateOf(certificate: Pick<Certificate, 'valid_from' | 'valid_until'>, now: number): CertificateState {
  if (certificate.valid_from > now) return 'future';
  if (certificate.valid_until == null) return 'valid';
  if (certificate.valid_until <= now) return 'expired';
  return certificate.valid_until - now < WARN_DAYS * DAY ? 'ending' : 'valid';
}

/** The state to warn of in a list. An expired one that was renewed (another, valid one of the same skill) is history. */
export function worst(certificates: readonly Certificate[], now: number): CertificateState {
  const states = certificates.map((c) => ({ skill: c.skill, state: stateOf(c, now) }));
  const good = new Set(states.filter((s) => s.state === 'valid').map((s) => s.skill));
  const open = states.filter((s) => !good.has(s.skill));
  if (open.some((s) => s.state === 'expired')) return 'expired';
  return open.some((s) => s.state === 'ending') ? 'ending' : 'valid';
}

export type CertificateValues = { level: number; number: string; from: string; until: string };

/** Dates as the form has them; a new certificate holds from `today`. */
export function valuesOf(certificate: Certificate | null, today: number): CertificateValues {
  if (!certificate) return { level: 1, number: '', from: toLocalInput(today).slice(0, 10), until: '' };
  const { level, number, valid_from, valid_until } = certificate;
  return { level, number, from: toLocalInput(valid_from).slice(0, 10), until: toLocalInput(valid_until).slice(0, 10) };
}

/** What is sent of it: a date is valid from the first to the last instant of its day, in the reader's own zone. */
export function bodyOf({ level, number, from, until }: Partial<CertificateValues>): { level?: number; number?: string; valid_from?: number; valid_until?: number | null } {
  return {
    ...(level === undefined ? {} : { level }),
    ...(number === undefined ? {} : { number: number.trim() }),
    ...(from === undefined ? {} : { valid_from: new Date(`${from}T00:00:00`).getTime() }),
    ...(until === undefined ? {} : { valid_until: until ? new Date(`${until}T23:59:59.999`).getTime() : null }),
  };
}
