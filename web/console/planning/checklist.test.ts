import '../../test/globals';
import { describe, expect, it } from 'vitest';
import type { Question } from '$shared/api/types';
import { draw } from '../../test/render';
import { page, serve } from '../../test/window';
import { blank, bodyOf, differs, draftsOf, moved } from './checklist';
import ChecklistForm from './ChecklistForm.svelte';
import Checklists from './Checklists.svelte';

const question = (id: string, position: number): Question => ({ id, ticket_kind: 'repair', position, question: `Q${id}`, question_zh: '', answer_kind: 'yes_no', required: false });

describe('a checklist', () => {
  it('is edited in its order, whatever order it came in', () => {
    expect(draftsOf([question('b', 2), question('a', 1)]).map((row) => row.id)).toEqual(['a', 'b']);
  });

  it('moves a question by one, and not out of the list', () => {
    const rows = draftsOf([question('a', 1), question('b', 2), question('c', 3)]);
    const ids = (list: typeof rows) => list.map((row) => row.id).join('');
    expect([ids(moved(rows, 1, -1)), ids(moved(rows, 1, 1)), ids(moved(rows, 0, -1)), ids(moved(rows, 2, 1)), ids(rows)]).toEqual(['bac', 'acb', 'abc', 'abc', 'abc']);
  });

  it('is sent whole, a new question without an id and without blanks around it', () => {
    const rows = [...draftsOf([question('a', 1)]), { ...blank(), question: ' Pit dry? ', question_zh: ' 底坑干燥？ ' }];
    expect(bodyOf(rows).questions.map(({ id, question: text, question_zh }) => [id, text, question_zh])).toEqual([['a', 'Qa', ''], [undefined, 'Pit dry?', '底坑干燥？']]);
  });

  it('has something to save when a word, the order or the number of questions is another', () => {
    const known = [question('a', 1), question('b', 2)];
    const rows = draftsOf(known);
    expect([differs(rows, known), differs(moved(rows, 0, 1), known), differs(rows.slice(1), known), differs([...rows, blank()], known)]).toEqual([false, true, true, true]);
  });
});

describe('the page', () => {
  it('has a list for each kind, and says what it is for until one is chosen', () => {
    serve({ 'GET /api/v1/checklists/repair': page([]) });
    expect(draw(Checklists, {}).text).toMatch(/Checklists .*Repair Inspection Maintenance Complaint .*Choose a kind of ticket What phones ask on site/);
    expect(draw(ChecklistForm, { kind: 'repair' }).text).toBe('Loading…');
  });
});
