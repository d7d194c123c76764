import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstLocale } from './locale.svelte';

const root = new URL('../..', import.meta.url).pathname;
const read = (name: string) => JSON.parse(readFileSync(join(root, 'messages', `${name}.json`), 'utf8')) as Record<string, string>;
const en = read('en');
const zh = read('zh-CN');
const keys = Object.keys(en).filter((key) => key !== '$schema');
const holes = (text: string | undefined) => [...(text ?? '').matchAll(/\{(\w+)\}/g)].map((hole) => hole[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(svelte|ts)$/.test(entry.name) && !/generated|\.test\.ts$/.test(join(entry.parentPath, entry.name)))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}
const code = ['shared', 'console', 'warehouse', 'engineer', 'customer', 'record'].flatMap(sources);

describe('messages', () => {
  it('are the same in both languages', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  it('have the same places to fill in', () => {
    expect(keys.filter((key) => holes(zh[key]).join() !== holes(en[key]).join())).toEqual([]);
  });

  it('are all used', () => {
    const used = new Set(code.join('\n').match(/\bm\.\w+/g)?.map((call) => call.slice(2)));
    expect(keys.filter((key) => !used.has(key))).toEqual([]);
  });

  it('punctuate Chinese as Chinese', () => {
    const wrong = keys.filter((key) => /[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]/.test(zh[key] ?? ''));
    expect(wrong).toEqual([]);
  });

  it('are where all text is: no component has words of its own', () => {
    const words = code.flatMap((source) => source.includes('</script>') ? (source.replace(/<(script|style)[\s\S]*?<\/\1>/g, '').replace(/<!--[\s\S]*?-->/g, '').match(/>\s*[A-Z][a-z]{2,}[^<{]*</g) ?? []) : []);
    expect(words.filter((word) => !word.includes('Fettle'))).toEqual([]);
  });
});

describe('firstLocale', () => {
  it.each([
    [null, ['zh-TW', 'en'], 'zh-CN'],
    [null, ['de-DE', 'zh-CN'], 'zh-CN'],
    [null, ['de-DE', 'fr'], 'en'],
    [null, ['en-GB', 'zh-CN'], 'en'],
    ['zh-CN', ['en'], 'zh-CN'],
    ['en', ['zh-CN'], 'en'],
    ['klingon', ['zh-CN'], 'zh-CN'],
  ] as const)('remembered %s and browser %s give %s', (remembered, wanted, locale) => {
    expect(firstLocale(remembered, wanted)).toBe(locale);
  });
});
