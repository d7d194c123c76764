/** A proposal becomes true: one movement for each place that gives something. All of them go back with one press. */
import { api, ask } from '$shared/api/client';
import type { Part } from '$shared/api/types';
import { named } from '$shared/i18n/labels';
import { m, quantity } from '$shared/i18n/text';
import type { Said } from '../scan/scanner.svelte';
import { stock } from '../stock.svelte';
import { undo, wordsOf } from '../undo.svelte';
import type { Move } from './propose';

async function takeBack(ids: readonly string[]): Promise<void> {
  for (const id of [...ids].reverse()) await ask(api.POST('/api/v1/stock-movements/{id}/undo', { params: { path: { id } }, body: {} }));
}

export async function transfer(part: Part, moves: readonly Move[], place: string): Promise<Said> {
  const done: string[] = [];
  let moved = 0;
  let refused: string | null = null;
  for (const move of moves) {
    try {
      const body = { kind: 'transfer' as const, part_id: part.id, quantity: move.quantity, from_location_id: move.from, to_location_id: move.to };
      done.push((await ask(api.POST('/api/v1/stock-movements', { body }))).id);
      moved += move.quantity;
    } catch (cause) {
      refused = wordsOf(cause);
      break;
    }
  }
  const text = m.low_moved({ part: named(part), count: quantity(moved, part.decimals), place });
  if (done.length > 0) undo.push({ text, run: () => takeBack(done) });
  await stock.reloadMoving().catch(() => undefined);
  if (refused !== null) return { tone: 'wrong', title: m.low_not_moved({ part: named(part) }), text: done.length > 0 ? `${text} ${refused}` : refused };
  return { tone: 'good', title: text, text: m.low_carry() };
}
