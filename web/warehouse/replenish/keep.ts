/** A level is kept or forgotten, and the way back: what was said before is said again. */
import { api, ask } from '$shared/api/client';
import type { StockLevel } from '$shared/api/types';
import { undo } from '../undo.svelte';
import type { NewLevel } from './levels';
import { levels, low } from './lists.svelte';

const put = (body: NewLevel) => ask(api.PUT('/api/v1/stock-levels', { body }));
const bodyOf = ({ part_id, location_id, minimum, maximum, lead_days }: StockLevel): NewLevel => ({ part_id, location_id, minimum, maximum, lead_days });
const remove = (id: string) => ask(api.DELETE('/api/v1/stock-levels/{id}', { params: { path: { id } } }));
/** One that was forgotten and said again meanwhile is another row. */
async function drop({ part_id, location_id }: StockLevel): Promise<void> {
  const { items } = await ask(api.GET('/api/v1/stock-levels', { params: { query: { part_id, location_id } } }));
  for (const { id } of items) await remove(id);
}
const reread = () => Promise.all([levels.reload(), low.reload()]);

export async function keep(level: NewLevel, before: StockLevel | null, text: string): Promise<StockLevel> {
  const kept = await put(level);
  undo.push({ text, run: async () => { await (before ? put(bodyOf(before)) : drop(kept)); await reread(); } });
  await reread();
  return kept;
}

export async function forget(level: StockLevel, text: string): Promise<void> {
  await remove(level.id);
  undo.push({ text, run: async () => { await put(bodyOf(level)); await reread(); } });
  await reread();
}
