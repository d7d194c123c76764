// What is measured: the first look, keys and typing, dragging, an hour of work in a minute, and much work in memory.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cpu, forget, heap, minus, notes, open, settled, visitor } from './browser.mjs';
import { interactions, shownBy } from './figures.mjs';

/** Opens the page as somebody who has been here before (files in the cache) and as somebody who has not. */
export async function firstLook(browser, site) {
  const guest = await visitor(browser, site);
  try {
    const looks = [];
    for (const cache of ['cold', 'warm']) {
      await open(guest);
      const { usable, map } = await notes(guest);
      // The browser counts a document's own tasks.
      looks.push({ cache, ms: usable, waited: map > 0 && map < usable, cpu: (await cpu(guest)).all });
      await settled(guest);
    }
    return { looks, foreign: guest.foreign };
  } finally {
    await guest.close();
  }
}

const frames = (page, count = 2) => page.evaluate((n) => new Promise((done) => {
  const next = (left) => (left === 0 ? done() : requestAnimationFrame(() => next(left - 1)));
  next(n);
}), count);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Through the queue and the timeline by keys, then a search: each stroke waits for what the last one has drawn. */
export async function keysAndTyping(browser, site) {
  const guest = await visitor(browser, site);
  const { page } = guest;
  try {
    await open(guest);
    await settled(guest);
    // The drawer is a chunk of its own; what comes over the wire is not the stroke's.
    await page.keyboard.press('j');
    await page.locator('aside.drawer').getByRole('tab').first().waitFor();
    await settled(guest);
    await forget(guest);
    const before = await cpu(guest);
    let made = 0;
    // As fast as a hurried person, who sees what a stroke has done before the next one.
    const press = async (key) => {
      await page.keyboard.press(key);
      await frames(page);
      await pause(90);
      made += 1;
    };
    for (let i = 0; i < 12; i += 1) await press('j');
    for (let i = 0; i < 6; i += 1) await press('k');
    await press('Escape');
    await press('t');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'PageDown', 'PageDown', 'End', 'Home', '+', '-']) await press(key);
    await press('/');
    for (const key of 'doors 42') await press(key === ' ' ? 'Space' : key);
    for (let i = 0; i < 8; i += 1) await press('Backspace');
    const used = minus(await cpu(guest), before);
    const told = await notes(guest);
    return { list: interactions(told.events, made), slowest: told.events.toSorted((a, b) => b.ms - a.ms).slice(0, 5), tasks: told.tasks, cpu: used.all / made, foreign: guest.foreign };
  } finally {
    await guest.close();
  }
}

/** Runs in the page: notes when the answer with the verdicts was there, and in which frame after it they are seen. */
function watchVerdicts() {
  globalThis.verdicts = { answered: 0, frames: 0, painted: 0 };
  const told = globalThis.verdicts;
  const look = () => {
    const answer = performance.getEntriesByType('resource').findLast((one) => one.name.endsWith('/dispatch/verdicts'));
    if (answer && answer.responseEnd > 0) {
      Object.assign(told, { asked: answer.startTime, answered: answer.responseEnd });
      told.frames += 1;
      if (document.querySelector('.timeline .verdict')) {
        told.painted = performance.now();
        return;
      }
    }
    requestAnimationFrame(look);
  };
  performance.clearResourceTimings();
  requestAnimationFrame(look);
}

/** Tickets of the queue are held over the rows, one after the other, and left where they were. */
export async function dragging(browser, site, times) {
  const guest = await visitor(browser, site);
  const { page } = guest;
  try {
    await open(guest);
    await settled(guest);
    const rows = await page.locator('.timeline [role=grid]').boundingBox();
    await forget(guest);
    const verdicts = [];
    const before = await cpu(guest);
    for (let nth = 0; nth < times; nth += 1) {
      const card = await page.locator('.queue [data-ticket]').nth(nth % 4).boundingBox();
      await page.evaluate(watchVerdicts);
      await page.mouse.move(card.x + 60, card.y + card.height / 2);
      await page.mouse.down();
      await page.mouse.move(card.x + 80, card.y + card.height / 2, { steps: 3 });
      await page.waitForFunction(() => globalThis.verdicts.painted > 0, undefined, { polling: 'raf' });
      for (let step = 0; step < 20; step += 1) {
        await page.mouse.move(rows.x + 60 + step * 30, rows.y + 40 + (step * 37) % (rows.height - 80));
        await frames(page, 1);
      }
      verdicts.push(await page.evaluate(() => globalThis.verdicts));
      await page.keyboard.press('Escape');
      await page.mouse.up();
      await frames(page);
    }
    const used = minus(await cpu(guest), before);
    const told = await notes(guest);
    return { verdicts, list: interactions(told.events, times * 3), slowest: told.events.toSorted((a, b) => b.ms - a.ms).slice(0, 5), tasks: told.tasks, cpu: used.all / times, foreign: guest.foreign };
  } finally {
    await guest.close();
  }
}

/** Runs in the page: when each mark was first on the screen, by the wall clock that the sender has too. */
function watchMarks(name) {
  globalThis.marks = {};
  const seen = new MutationObserver(() => {
    const text = document.querySelector('.queue .title')?.textContent ?? '';
    if (!text.startsWith(`${name} `) || text in globalThis.marks) return;
    globalThis.marks[text] = 0;
    // The frame that shows it is over when the next one begins.
    requestAnimationFrame(() => setTimeout(() => (globalThis.marks[text] = Date.now())));
  });
  seen.observe(document.querySelector('.queue'), { subtree: true, childList: true, characterData: true });
}

async function mark(site, id, name, ms) {
  const sent = {};
  let { tag } = await site.call('GET', `/tickets/${id}`);
  const end = Date.now() + ms;
  for (let nth = 0; Date.now() < end; nth += 1) {
    const title = `${name} ${nth}`;
    sent[title] = Date.now();
    ({ tag } = await site.call('PATCH', `/tickets/${id}`, { title }, { 'If-Match': tag }));
    // Not in step with the load, nor with the page's own rhythm.
    await pause(700 + (nth * 137) % 400);
  }
  return sent;
}

/** A process of its own changes tickets, gives them away and moves people, while the page is open and nobody touches it. */
export async function underLoad(browser, site, { rate, seconds }) {
  const guest = await visitor(browser, site);
  const { page } = guest;
  try {
    // The queue is searched for it, so it is in sight; its title is what is waited for. Those of runs before have other names.
    const name = `mark${Date.now().toString(36)}`;
    const [lift] = (await site.call('GET', '/assets?limit=1')).items;
    const { id } = await site.call('POST', '/tickets', { kind: 'repair', priority: 1, title: name, asset_id: lift.id, dispatch: 'manual' });
    await open(guest, `/?q=${name}`);
    await settled(guest);
    await page.evaluate(watchMarks, name);
    const child = spawn(process.execPath, [fileURLToPath(new URL('load.mjs', import.meta.url)), site.behind, String(rate), String(seconds)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const said = [];
    const begun = new Promise((resolve) => lines.on('line', (line) => (said.push(line), resolve())));
    await begun;
    await forget(guest);
    const [before, from] = [await cpu(guest), performance.now()];
    const sent = await mark(site, id, name, (seconds - 2) * 1_000);
    const [after, until] = [await cpu(guest), performance.now()];
    await new Promise((resolve) => child.once('exit', resolve));
    const seen = await page.evaluate(() => globalThis.marks);
    const told = await notes(guest);
    const wall = until - from;
    return {
      load: JSON.parse(said.at(-1)), wall, cpu: minus(after, before), tasks: told.tasks.map((one) => one.ms),
      screen: Object.values(sent).map((at, nth) => shownBy(seen, nth) - at), foreign: guest.foreign, errors: guest.errors,
    };
  } finally {
    await guest.close();
  }
}

export async function memory(browser, site) {
  const guest = await visitor(browser, site);
  try {
    await open(guest);
    await settled(guest);
    return { bytes: await heap(guest), foreign: guest.foreign };
  } finally {
    await guest.close();
  }
}
