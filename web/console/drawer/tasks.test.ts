import '../../test/globals';
import { describe, expect, it } from 'vitest';
import { draw } from '../../test/render';
import { ticket } from '../../test/samples';
import { page, serve } from '../../test/window';
import { blankAction, bodyOf as ruleBodyOf, draftOf as ruleDraftOf } from '../planning/rule';
import TasksSection from './TasksSection.svelte';

describe('tasks', () => {
  it('can be added while the ticket lives', () => {
    serve({ 'GET /api/v1/tickets/t1/tasks': page([]) });
    expect(draw(TasksSection, { ticket: ticket() }).text).toContain('Tasks Add a task');
    expect(draw(TasksSection, { ticket: ticket({ status: 'closed' }) }).text).not.toContain('Add a task');
  });

  it('that a rule adds are sent as they were read', () => {
    const action = { do: 'add_task' as const, department: 'Finance', text: 'Refund {number}', required: true };
    const body = { name_en: 'R', name_zh: 'R', enabled: true, trigger: { on: 'event' as const, event: 'created' as const }, condition: 'true', actions: [action] };
    expect(ruleBodyOf(ruleDraftOf(body)).actions).toEqual([action]);
    expect(blankAction().required).toBe(false);
  });
});
