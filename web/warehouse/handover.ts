/** Hand-over by an engineer's badge: all that is picked for him goes into his van. */
import { api, ask } from '$shared/api/client';
import { m, number } from '$shared/i18n/text';
import type { Person } from './scan/lookup';
import type { Said } from './scan/scanner.svelte';
import { stock } from './stock.svelte';
import { undo, wordsOf } from './undo.svelte';

/** Each line for itself: what cannot be handed over is named, and the others are. */
export async function handOver(person: Person): Promise<Said> {
  const van = stock.vans.find((one) => one.key === person.id);
  const who = `${person.code} ${person.name}`;
  if (!van || van.picked.length === 0) return { tone: 'wrong', title: m.handover_nothing({ who }), text: van ? m.handover_pick_first({ count: number(van.held.length) }) : m.handover_none_held() };
  const refused: string[] = [];
  let done = 0;
  for (const line of van.picked) {
    try {
      await ask(api.POST('/api/v1/reservations/{id}/issue', { params: { path: { id: line.id } }, body: {} }));
      done += 1;
    } catch (cause) {
      refused.push(`${line.part_number}: ${wordsOf(cause)}`);
    }
  }
  // What is in his van comes back through the returns; the picks before it can no longer be put back.
  if (done > 0) undo.clear();
  await stock.reloadMoving().catch(() => undefined);
  if (refused.length > 0) return { tone: 'wrong', title: m.handover_partly({ who, done: number(done), count: number(van.picked.length) }), text: refused.join(' ') };
  return { tone: 'good', title: m.handover_done({ who, count: number(done) }), text: van.held.length > 0 ? m.handover_left({ count: number(van.held.length) }) : m.handover_complete() };
}
