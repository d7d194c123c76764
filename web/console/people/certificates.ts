/** How a certificate stands: a date that passes unnoticed is a visit that must be done twice. */
import type { Certificate } from '$shared/api/types';

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
