/** What departments have to do for tickets, the longest waiting first: listed, ticked off, and not done after all. */
import { api, ask } from '$shared/api/client';
import type { TaskView } from '$shared/api/types';
import { m } from '$shared/i18n/text';
import { route } from '../nav/route.svelte';
import { List } from '../replenish/lists.svelte';
import type { Said } from '../scan/scanner.svelte';
import { undo, wordsOf } from '../undo.svelte';

/** The server gives no more of them, and no further page. */
export const MOST = 200;

const open = async (query: { department?: string }): Promise<TaskView[]> =>
  (await ask(api.GET('/api/v1/tasks', { params: { query: { limit: MOST, ...query } } }))).items;

/** The department that the address names; empty for all of them. */
export const chosen = (): string => (route.section === 'tasks' ? route.sub : '');

export const tasks = new List<TaskView>(async () => {
  const department = chosen();
  const first = await open({});
  if (department === '' || first.length < MOST) return first;
  // Those of others that wait longer leave it no room: its own are asked for too, and they come behind.
  const known = new Set(first.map((task) => task.id));
  return [...first, ...(await open({ department })).filter((task) => !known.has(task.id))];
});

/** Each that has something to do with how much, and the chosen one also when it has nothing left. */
export function departmentsOf(rows: readonly TaskView[], also: string): { id: string; text: string; count: number }[] {
  const counts = new Map(also === '' ? [] : [[also, 0]]);
  for (const { department } of rows) counts.set(department, (counts.get(department) ?? 0) + 1);
  return [...counts].map(([id, count]) => ({ id, text: id, count })).sort((a, b) => a.text.localeCompare(b.text));
}

const turn = (id: string, done: boolean) =>
  ask(api.POST('/api/v1/tasks/{id}/done', { params: { path: { id } }, body: { done } }));

export async function tickOff({ id, text }: TaskView): Promise<Said> {
  const title = m.tasks_ticked({ text });
  try {
    await turn(id, true);
    undo.push({ text: title, run: () => turn(id, false) });
    return { tone: 'good', title };
  } catch (cause) {
    return { tone: 'wrong', title: m.tasks_not_ticked({ text }), text: wordsOf(cause) };
  } finally {
    await tasks.reload();
  }
}
