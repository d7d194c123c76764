import { describe, expect, it } from 'vitest';
import { commandOf, meant, wordsOf } from './commands';

describe('what one types', () => {
  it.each([
    ['assign 1042 to E-12', 1042, 'E-12'],
    ['Assign #1042 E-12', 1042, 'E-12'],
    ['give 7 to Maria Lopez', 7, 'Maria Lopez'],
    ['assign 1042', 1042, null],
    ['assign 1042 to', 1042, null],
    ['assign 1042 to ', 1042, null],
    ['把 1042 派给 E-12', 1042, 'E-12'],
    ['1042派给王建国', 1042, '王建国'],
    ['把1042号工单交给 E-3', 1042, 'E-3'],
    ['派单 1042', 1042, null],
    ['派 1042 给 E-12', 1042, 'E-12'],
  ])('"%s" assigns %d to %s', (text, ticket, engineer) => {
    expect(commandOf(text)).toEqual({ ticket, engineer });
  });

  it.each(['1042', 'assign', 'assignments 1042', 'E-12', '派给', ''])('"%s" is searched for', (text) => {
    expect(commandOf(text)).toBeNull();
  });
});

describe('a single word', () => {
  it.each([['undo', ['undo']], ['Und', ['undo']], ['撤', ['undo']], ['重做', ['redo']], ['操作记录', ['recent']], ['re', ['redo', 'recent']], ['u', []], ['', []], ['undo 1042', []]])('"%s" is %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});

describe('who is meant', () => {
  const people = [{ code: 'E-1', name: 'Ann' }, { code: 'E-12', name: 'Ann Lee' }, { code: 'E-13', name: 'E-1' }];
  it.each([['e-1', 'E-1'], ['ann lee', 'E-12'], ['Ann', 'E-1']])('by "%s" is %s', (words, code) => {
    expect(meant(people, words)?.code).toBe(code);
  });

  it('is the only one that was found, and nobody where there are several', () => {
    expect([meant(people.slice(1, 2), 'lee')?.code, meant(people, 'an'), meant([], 'x')]).toEqual(['E-12', null, null]);
  });
});
