import { describe, expect, it } from 'vitest';
import { Problem, toProblem } from './problem';

const validation = toProblem(422, {
  type: '/problems/invalid', title: 'Unprocessable', status: 422, code: 'invalid', detail: 'Some fields are wrong.',
  errors: [
    { field: 'title', code: 'required', message: 'title is required' },
    { field: 'needed_parts[0].quantity', code: 'out_of_range', message: 'must be positive' },
    { field: 'required_skills.1.level', code: 'out_of_range', message: 'level is 1 to 9' },
    { field: 'parts', code: 'odd', message: 'not one of the form’s' },
  ],
});

describe('Problem', () => {
  it('shows a fault at its field', () => {
    expect(validation.at('title')?.message).toBe('title is required');
  });

  it('shows a nested fault at the field that holds it, however the path is written', () => {
    expect(validation.at('needed_parts')?.message).toBe('must be positive');
    expect(validation.at('required_skills')?.message).toBe('level is 1 to 9');
  });

  it('does not take a field for another whose name it begins with', () => {
    expect(validation.at('need')).toBeUndefined();
    expect(toProblem(422, { errors: [{ field: 'part_id', code: 'x', message: 'y' }] }).at('part')).toBeUndefined();
  });

  it('keeps what no field of the form can show', () => {
    expect(validation.unshown(['title', 'needed_parts', 'required_skills']).map((fault) => fault.field)).toEqual(['parts']);
  });

  it('takes `field` for a single fault', () => {
    const duplicate = toProblem(409, { code: 'duplicate', detail: 'That number is taken.', field: 'number' });
    expect(duplicate.at('number')).toEqual({ field: 'number', code: 'duplicate', message: 'That number is taken.' });
    expect(duplicate.unshown(['number'])).toEqual([]);
  });

  it('makes a problem of a proxy’s page of HTML', () => {
    const problem = toProblem(502, '<html>');
    expect(problem).toBeInstanceOf(Problem);
    expect([problem.status, problem.code, problem.message]).toEqual([502, 'http_502', 'HTTP 502']);
  });

  it.each([null, undefined, 7, ['a']])('makes a problem of %s', (body) => {
    expect(toProblem(500, body).code).toBe('http_500');
  });

  it('keeps the id of the request, for who has to look for it', () => {
    expect(toProblem(500, { request_id: 'r1' }).requestId).toBe('r1');
  });
});
