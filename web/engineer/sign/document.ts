/**
 * What a customer signs: a text, shown whole before he signs, and signed as exactly these bytes. The row names their
 * SHA-256, and the text itself goes to the server under it: who opens it later can hash it again and compare.
 */
import { symptomLabel } from '$shared/i18n/labels';
import { exactTime, locale, m, minutes, number, quantity } from '$shared/i18n/text';
import type { PhoneView, VisitTicket } from '../view';
import type { SiteWork } from '../work/site-work';
import { text } from '../words';

type Known = Pick<PhoneView, 'parts' | 'used' | 'notes'>;

const answers: Record<string, () => string> = { yes: m.yes, no: m.no };

/** Headings are lines that begin with "# ". */
export function documentOf(view: Known, work: SiteWork, ticket: VisitTicket, engineer: string, at: number): string {
  const used = view.used.filter((one) => one.ticket_id === ticket.id).map((one) => {
    const part = view.parts.get(one.part_id);
    return `- ${m.part_used({ part: text(part?.['name']) || one.part_id, count: quantity(one.quantity, Number(part?.['decimals'] ?? 0)) })}${one.serial ? ` (${one.serial})` : ''}`;
  });
  const notes = view.notes.filter((one) => one.ticket_id === ticket.id).map((one) => `- ${one.text}`);
  const given = work.questions.flatMap((one) => (one.answer ? [`- ${locale.current === 'zh-CN' && one.words_zh ? one.words_zh : one.words} ${answers[one.answer.text]?.() ?? one.answer.text}${one.unit ? ` ${one.unit}` : ''}`] : []));
  const readings = work.readings.map((one) => `- ${one.kind}: ${number(one.value)} ${one.unit}`.trimEnd());
  const photos = work.photos.map((one) => `- ${one.purpose}: ${one.sha256}`);
  const worked = work.minutes.reduce((sum, one) => sum + one.minutes, 0);
  const part = (title: string, lines: string[]) => (lines.length > 0 ? ['', `# ${title}`, ...lines] : []);
  return [
    `# ${m.sign_document({ number: text(ticket.doc['number']) })}`, symptomLabel(text(ticket.doc['title'])),
    [text(ticket.site?.['name']), text(ticket.site?.['address'])].filter(Boolean).join(', '),
    ...(ticket.asset ? [`${text(ticket.asset['number'])} ${text(ticket.asset['model'])}`.trim()] : []),
    `${engineer} · ${exactTime(at)}`,
    ...part(m.notes(), notes), ...part(m.parts(), used), ...part(m.checklist(), given), ...part(m.readings(), readings),
    ...part(m.labour(), worked > 0 ? [minutes(worked)] : []), ...part(m.photos(), photos), '',
  ].join('\n');
}
