import { describe, expect, it } from 'vitest';
import type { Reader } from '$shared/api/types';
import { askedAt, found, named, pieces, standing } from './mention';

const reader = (user_id: string, display_name: string, over: Partial<Reader> = {}): Reader => ({ user_id, display_name, login: display_name.toLowerCase(), role: 'dispatcher', watches: false, ...over });
const dora = reader('d', 'Dora Reyes');
const wang = reader('w', '王伟', { login: 'wang' });
const typed = (text: string) => askedAt(text, text.length);

describe('what is typed behind an @', () => {
  it('asks for a name at a word of its own, also after Chinese, and with a blank in it', () => {
    expect(typed('See @do')).toEqual({ from: 4, words: 'do' });
    expect(typed('请@王')).toEqual({ from: 1, words: '王' });
    expect(typed('@Dora R')?.words).toBe('Dora R');
    expect(typed('@')).toEqual({ from: 0, words: '' });
  });

  it('is no name within an address, on another line, or far behind', () => {
    expect(typed('li@office.example')).toBeNull();
    expect(typed('@dora\nnext')).toBeNull();
    expect(typed(`@${'x'.repeat(31)}`)).toBeNull();
    expect(typed('nobody')).toBeNull();
    expect(askedAt('ab @do', 2)).toBeNull();
  });

  it('finds by name and by log-in, beginnings first', () => {
    const ador = reader('a', 'Isadora');
    expect(found([ador, dora, wang], 'dor')).toEqual([dora, ador]);
    expect(found([dora, wang], 'WANG')).toEqual([wang]);
    expect(found(Array.from({ length: 9 }, (_, i) => reader(`${i}`, `N${i}`)), '')).toHaveLength(6);
    expect(found([dora], 'nobody')).toEqual([]);
  });
});

describe('a name in a note', () => {
  it('takes the place of what was typed', () => {
    expect(named('See @do please', { from: 4, words: 'do' }, 'Dora Reyes')).toEqual({ text: 'See @Dora Reyes please', caret: 16 });
  });

  it('is sent by id only while it stands there, and once', () => {
    expect(standing('@Dora Reyes, please', [dora, wang, dora])).toEqual([dora]);
  });

  it('is set apart where it names somebody, the longer name first, and nowhere else', () => {
    expect(pieces('To @Dora Reyes and @Dora', ['Dora', 'Dora Reyes'])).toEqual([
      { text: 'To ', named: false }, { text: '@Dora Reyes', named: true }, { text: ' and ', named: false }, { text: '@Dora', named: true },
    ]);
    expect(pieces('mail li@Dora', [])).toEqual([{ text: 'mail li@Dora', named: false }]);
    expect(pieces('', ['Dora'])).toEqual([]);
  });
});
