import { describe, expect, it } from 'vitest';
import { initialOf, packedBytes, type Parts } from './first-load';

const parts: Parts = {
  'a.js': { type: 'chunk', isEntry: true, name: 'index', code: 'a'.repeat(500), imports: ['b.js'] },
  'b.js': { type: 'chunk', code: 'b', imports: ['a.js', 'gone.js'] },
  'lazy.js': { type: 'chunk', code: 'c' },
  'other.js': { type: 'chunk', isEntry: true, name: 'phone', code: 'd', imports: ['b.js'] },
  'a.css': { type: 'asset' },
};

describe('what is loaded first', () => {
  it('is the entry and what it imports, in circles too, and nothing that is asked for later', () => {
    expect(initialOf(parts, 'index')).toEqual(['a.js', 'b.js']);
  });

  it('is nothing for a page that is not there', () => {
    expect(initialOf(parts, 'ledger')).toEqual([]);
  });

  it('is counted packed', () => {
    expect(packedBytes(parts, ['a.js'])).toBeLessThan(100);
    expect(packedBytes(parts, ['a.js', 'b.js'])).toBeGreaterThan(packedBytes(parts, ['a.js']));
  });
});
