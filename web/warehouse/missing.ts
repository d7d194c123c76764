/**
 * A part that is not where the books say. Whoever picks and finds none says so; the shelf then needs a count, of this
 * part alone, because nobody can tell from here whether it is gone or lies elsewhere. Only one count runs at a place at a
 * time, so what is missed at a place that is being counted becomes a figure of that count.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { Reservation } from '$shared/api/types';
import { m } from '$shared/i18n/text';
import { counts } from './count/counts.svelte';
import { stock } from './stock.svelte';
import { wordsOf } from './undo.svelte';

export interface Asked {
  /** Whether somebody will look after it. */
  done: boolean;
  text: string;
}

/** Asks for a count of the line's part at its place, and says what came of it. */
export async function missed(line: Reservation): Promise<Asked> {
  const place = line.location_code;
  if (stock.parts.get(line.part_id)?.tracking === 'serial') return { done: false, text: m.missing_serial({ place }) };
  try {
    await ask(api.POST('/api/v1/stock-counts', { body: { location_id: line.location_id, blind: true, part_ids: [line.part_id], note: `${line.part_number} · #${line.ticket_number}` } }));
    return { done: true, text: m.missing_count_opened({ place }) };
  } catch (cause) {
    if (cause instanceof Problem && cause.code === 'count_running') return join(line).catch((why) => ({ done: false, text: wordsOf(why) }));
    return { done: false, text: m.missing_no_count({ place, why: wordsOf(cause) }) };
  } finally {
    await counts.list.reload().catch(() => undefined);
  }
}

/** The count that runs there takes it up: as a part still to be counted, or with none found. */
async function join(line: Reservation): Promise<Asked> {
  const place = line.location_code;
  await counts.list.reload();
  const running = counts.running(line.location_id);
  if (running?.status !== 'open') return { done: false, text: m.missing_waits({ place }) };
  const path = { id: running.id };
  const { lines } = await ask(api.GET('/api/v1/stock-counts/{id}', { params: { path } }));
  const known = lines.find((one) => one.part_id === line.part_id);
  if (!known) await ask(api.POST('/api/v1/stock-counts/{id}/lines', { params: { path }, body: { part_id: line.part_id, quantity: 0 } }));
  return { done: true, text: known ? m.missing_being_counted({ place }) : m.missing_noted({ place }) };
}
