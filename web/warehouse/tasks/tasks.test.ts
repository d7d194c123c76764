import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskView } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { page, Refused, serve, type Answers, type Asked } from '../../test/window';
import { route } from '../nav/route.svelte';
import { undo } from '../undo.svelte';
import { departmentsOf, MOST, tasks, tickOff } from './tasks';
import Tasks from './Tasks.svelte';

const HOUR = 3_600_000;
const NOW = 100 * 24 * HOUR;
const task = (id: string, department: string, more: Partial<TaskView> = {}): TaskView => ({
  id, department, text: `Do ${id}`, required: false, created_at: NOW - 3 * HOUR, created_by: 'dora', done_at: null, done_by: null,
  ticket_id: 't', ticket_number: 1042, ticket_title: 'Doors hum', ...more,
});
const some = [task('a', 'Warehouse', { required: true, created_at: NOW - 50 * HOUR }), task('b', 'Finance'), task('c', 'Warehouse')];
async function load(answers: Answers = {}): Promise<Asked[]> {
  const asked = serve({ 'GET /api/v1/tasks': page(some), ...answers });
  await tasks.reload();
  return asked;
}
beforeEach(() => {
  clock.set(NOW, 0);
  undo.clear();
});
afterEach(() => {
  locale.set('en');
  route.go('pick');
});

describe('the tasks of departments', () => {
  it('are listed with ticket and waiting time, as the server has them: the longest waiting first', async () => {
    await load();
    route.go('tasks');
    const drawn = draw(Tasks, {});
    expect(drawn.text).toBe([
      'All Finance 1 Warehouse 2',
      'Do a #1042 · Doors hum Warehouse The ticket waits for it waiting for 2d 2h Done',
      'Do b #1042 · Doors hum Finance waiting for 3h Done',
      'Do c #1042 · Doors hum Warehouse waiting for 3h Done',
    ].join(' '));
    expect(drawn.html).toContain('aria-label="Done: Do a, ticket 1042"');
    expect(drawn.attribute('nav', 'aria-label')).toBe('Department');
  });

  it('are those of one department if the address says so', async () => {
    await load();
    route.go('tasks', 'Warehouse');
    const drawn = draw(Tasks, {});
    expect(drawn.text).toMatch(/^All Finance 1 Warehouse 2 Do a .*Do c /);
    expect(drawn.text).not.toContain('Do b');
    expect(drawn.tags('a').map((tag) => tag.includes('aria-current'))).toEqual([false, false, true]);
    expect(drawn.tags('a').map((tag) => /href="([^"]*)"/.exec(tag)?.[1])).toEqual(['#tasks', '#tasks/Finance', '#tasks/Warehouse']);
  });

  it('keep the way to all of them where the chosen department has nothing left', async () => {
    await load();
    route.go('tasks', 'Legal');
    expect(draw(Tasks, {}).text).toMatch(/^All Finance 1 Legal Warehouse 2 No open tasks: Legal /);
    expect(departmentsOf([], '')).toEqual([]);
  });

  it('are said in Chinese', async () => {
    await load();
    route.go('tasks');
    locale.set('zh-CN');
    expect(draw(Tasks, {}).text).toMatch(/^全部 Finance 1 Warehouse 2 Do a .*完成前不能关闭工单 已等待 .* 完成 Do b /);
  });

  it('are asked for by department too where the list ends before', async () => {
    const full = Array.from({ length: MOST }, (_, i) => task(`f${i}`, 'Finance'));
    const answer = ({ query }: Asked) => page(query.get('department') === 'Warehouse' ? [task('late', 'Warehouse')] : full);
    const asked = await load({ 'GET /api/v1/tasks': answer });
    route.go('tasks');
    expect([asked.length, draw(Tasks, {}).text.includes('Only the 200')]).toEqual([1, true]);
    route.go('tasks', 'Warehouse');
    await tasks.reload();
    expect(draw(Tasks, {}).text).toMatch(/^All Finance 200 Warehouse 1 Do late .*Done$/);
    route.go('tasks', 'Finance');
    await tasks.reload();
    expect(tasks.rows).toHaveLength(MOST);
  });
});

describe('a task', () => {
  it('is ticked off with the server, and is not done after all when that is taken back', async () => {
    const asked = await load({ 'POST /api/v1/tasks/a/done': {} });
    expect(await tickOff(task('a', 'Warehouse'))).toEqual({ tone: 'good', title: 'Done: Do a' });
    expect(await undo.back()).toEqual({ done: 'Done: Do a' });
    const sent = asked.filter((one) => one.method === 'POST');
    expect(sent.map((one) => one.body)).toEqual([{ done: true }, { done: false }]);
  });

  it('that the server refuses is said to be open, and leaves nothing to take back', async () => {
    await load({ 'POST /api/v1/tasks/a/done': new Refused(404, { code: 'not_found' }) });
    expect(await tickOff(task('a', 'Warehouse'))).toMatchObject({ tone: 'wrong', title: 'Not marked as done: Do a' });
    expect(undo.last).toBeNull();
  });
});
