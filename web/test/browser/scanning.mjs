// What somebody does with a hand scanner, and what the page has to be like afterwards.
import assert from 'node:assert/strict';
import { violations } from './browser.mjs';

/** A burst of keys faster than any person; `end` null for a scanner that stops in the middle. */
export async function wedge(page, text, end = 'Enter') {
  await page.evaluate(([code, last]) => {
    const press = (key) => {
      const shift = /[A-Z]/.test(key) && key.length === 1;
      const name = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : /^\d$/.test(key) ? `Digit${key}` : key === '-' ? 'Minus' : key;
      (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, code: name, shiftKey: shift, bubbles: true, cancelable: true }));
    };
    [...code, ...(last ? [last] : [])].forEach(press);
  }, [text, end]);
}
/** Until the page says something of this tone and these words. */
export const said = (page, tone, text) => page.locator(`[data-tone=${tone}]`).filter({ hasText: text }).waitFor();
const calm = async (page) => page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'));
export async function clean(page, where) {
  await calm(page);
  assert.deepEqual(await violations(page), [], where);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${where} is wider than the screen`);
}
