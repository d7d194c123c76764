/**
 * The language in use. Paraglide's message functions ask `getLocale`, which here reads a rune: a template that
 * shows a message is thereby redrawn when the language changes, without a reload and without losing its state.
 */
import { overwriteGetLocale } from './generated/runtime.js';

export type Locale = 'en' | 'zh-CN';
const KEY = 'fettle.locale';

/** The language to start with: the remembered one, else the browser's, else English. */
export function firstLocale(remembered: string | null, wanted: readonly string[]): Locale {
  if (remembered === 'en' || remembered === 'zh-CN') return remembered;
  for (const tag of wanted) {
    if (tag.toLowerCase().startsWith('zh')) return 'zh-CN';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

const browser = typeof document !== 'undefined';
let current = $state<Locale>(browser ? firstLocale(localStorage.getItem(KEY), navigator.languages) : 'en');
overwriteGetLocale(() => current);

export const locale = {
  get current(): Locale {
    return current;
  },
  set(next: Locale): void {
    current = next;
    if (!browser) return;
    localStorage.setItem(KEY, next);
    document.documentElement.lang = next;
  },
};
if (browser) document.documentElement.lang = locale.current;
