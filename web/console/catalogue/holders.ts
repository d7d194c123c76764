/** Who holds a skill: a certificate each, the valid ones first and of those the highest level. */
import type { Certificate, Engineer } from '$shared/api/types';
import { stateOf, type CertificateState } from '../people/certificates';

export interface Holder {
  engineer: Engineer;
  certificate: Certificate;
  state: CertificateState;
}

const order: Record<CertificateState, number> = { valid: 0, ending: 0, future: 1, expired: 2 };

export function holdersOf(skill: string, engineers: readonly Engineer[], now: number): Holder[] {
  return engineers
    .filter((engineer) => engineer.active)
    .flatMap((engineer) => engineer.certificates.filter((one) => one.skill === skill).map((certificate) => ({ engineer, certificate, state: stateOf(certificate, now) })))
    .sort((a, b) => order[a.state] - order[b.state] || b.certificate.level - a.certificate.level || a.engineer.name.localeCompare(b.engineer.name));
}
