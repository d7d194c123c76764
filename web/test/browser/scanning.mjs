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
const SETTLED_MS = 2_000;
/** Nothing is wider than the screen, and nothing that one presses lies outside of it. */
export async function fits(page, where) {
  const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  // A screen that has just been turned is laid out a moment later.
  await page.waitForFunction(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth, null, { timeout: SETTLED_MS }).catch(() => undefined);
  assert.equal(await page.evaluate(over), 0, `${where} is wider than the screen`);
  const out = await page.$$eval('button, a, input, select, textarea', (all) => all
    .filter((one) => !one.closest('.scroll table, .sr') && !one.classList.contains('sr'))
    .map((one) => [one.textContent?.trim() || one.id, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.right > innerWidth + 1 || box.left < -1)).map(([text]) => text));
  assert.deepEqual(out, [], `${where} is cut off`);
}
export async function clean(page, where) {
  await calm(page);
  assert.deepEqual(await violations(page), [], where);
  await fits(page, where);
}
