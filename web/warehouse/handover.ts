/**
 * Hand-over by an engineer's badge: all that is picked for him goes into his van. The way back is a return to where it
 * came from, which ends the promise; so it is promised to its ticket again, and has to be picked again.
 */
import { api, ask } from '$shared/api/client';
import type { Reservation } from '$shared/api/types';
import { m, number } from '$shared/i18n/text';
import type { Person } from './scan/lookup';
import type { Said } from './scan/scanner.svelte';
import { stock } from './stock.svelte';
import { undo, wordsOf } from './undo.svelte';

async function takeBack(lines: readonly Reservation[]): Promise<void> {
  const refused: string[] = [];
  let done = 0;
  for (const line of lines) {
    const { ticket_id, part_id, location_id, quantity } = line;
    try {
      await ask(api.POST('/api/v1/reservations/{id}/return', { params: { path: { id: line.id } }, body: { quantity, location_id } }));
      done += 1;
      await ask(api.POST('/api/v1/reservations', { body: { ticket_id, part_id, location_id, quantity } }));
    } catch (cause) {
      refused.push(`${line.part_number}: ${wordsOf(cause)}`);
    }
  }
  if (refused.length > 0) throw new Error(m.handover_back_partly({ done: number(done), count: number(lines.length), why: refused.join(' ') }));
}

/** Each line for itself: what cannot be handed over is named, and the others are. */
export async function handOver(person: Person): Promise<Said> {
  const van = stock.vans.find((one) => one.key === person.id);
  const who = `${person.code} ${person.name}`;
  if (!van || van.picked.length === 0) return { tone: 'wrong', title: m.handover_nothing({ who }), text: van ? m.handover_pick_first({ count: number(van.held.length) }) : m.handover_none_held() };
  const refused: string[] = [];
  const handed: Reservation[] = [];
  for (const line of van.picked) {
    try {
      await ask(api.POST('/api/v1/reservations/{id}/issue', { params: { path: { id: line.id } }, body: {} }));
      handed.push(line);
    } catch (cause) {
      refused.push(`${line.part_number}: ${wordsOf(cause)}`);
    }
  }
  const done = handed.length;
  // The picks before it can no longer be put back; the hand-over itself can.
  if (done > 0) {
    undo.clear();
    undo.push({ text: m.handover_undo({ who, count: number(done) }), run: () => takeBack(handed) });
  }
  await stock.reloadMoving().catch(() => undefined);
  if (refused.length > 0) return { tone: 'wrong', title: m.handover_partly({ who, done: number(done), count: number(van.picked.length) }), text: refused.join(' ') };
  return { tone: 'good', title: m.handover_done({ who, count: number(done) }), text: van.held.length > 0 ? m.handover_left({ count: number(van.held.length) }) : m.handover_complete() };
}
