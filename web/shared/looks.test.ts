import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWindow } from '../test/window';

async function load(stored: Record<string, string>, systemDark: boolean) {
  vi.resetModules();
  const view = openWindow('/');
  for (const [key, value] of Object.entries(stored)) view.stored.set(key, value);
  const dataset: Record<string, string> = {};
  let tell: (event: { matches: boolean }) => void = () => undefined;
  vi.stubGlobal('document', { documentElement: { dataset, lang: '' } });
  vi.stubGlobal('window', { matchMedia: () => ({ matches: systemDark, addEventListener: (_: string, run: typeof tell) => (tell = run) }) });
  vi.stubGlobal('navigator', { languages: ['de-DE', 'zh-CN'] });
  const [{ theme }, { locale }] = await Promise.all([import('./theme.svelte'), import('./i18n/locale.svelte')]);
  return { theme, locale, view, dataset, system: (dark: boolean) => tell({ matches: dark }) };
}
afterEach(() => vi.unstubAllGlobals());

describe('the theme', () => {
  it.each([
    [{}, true, 'system', 'dark'], [{}, false, 'system', 'light'], [{ 'fettle.theme': 'light' }, true, 'light', 'light'],
    [{ 'fettle.theme': 'dark' }, false, 'dark', 'dark'], [{ 'fettle.theme': 'mauve' }, false, 'system', 'light'],
  ] as const)('remembered %j on a system that is dark: %s is %s, drawn %s', async (stored, systemDark, chosen, drawn) => {
    const { theme, dataset } = await load(stored, systemDark);
    expect([theme.chosen, dataset['theme']]).toEqual([chosen, drawn]);
  });

  it('is drawn and remembered when it is chosen', async () => {
    const { theme, dataset, view } = await load({}, false);
    theme.set('dark');
    expect([theme.dark, dataset['theme'], view.stored.get('fettle.theme')]).toEqual([true, 'dark', 'dark']);
  });

  it('follows the system only as long as one wants that', async () => {
    const { theme, dataset, system } = await load({}, false);
    system(true);
    expect(dataset['theme']).toBe('dark');
    theme.set('light');
    system(true);
    expect(dataset['theme']).toBe('light');
  });
});

describe('the language', () => {
  it('is the browser’s at first, and tells the screen reader', async () => {
    const { locale } = await load({}, false);
    expect([locale.current, document.documentElement.lang]).toEqual(['zh-CN', 'zh-CN']);
  });

  it('is remembered when it is chosen', async () => {
    const { locale, view } = await load({ 'fettle.locale': 'zh-CN' }, false);
    locale.set('en');
    expect([locale.current, view.stored.get('fettle.locale'), document.documentElement.lang]).toEqual(['en', 'en', 'en']);
  });
});
