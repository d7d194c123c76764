/** The arithmetic of a virtual list with rows of known heights. */

const OVERSCAN_PX = 320;

/** Where each row begins; one more entry for the end. */
export function offsets<T>(items: readonly T[], height: (item: T) => number): number[] {
  const tops = [0];
  for (const item of items) tops.push((tops.at(-1) ?? 0) + height(item));
  return tops;
}

/** The first row whose end lies below `y`. */
export function rowAt(tops: readonly number[], y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tops[middle + 1] ?? Infinity) <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function visible(tops: readonly number[], top: number, view: number): { from: number; to: number } {
  const rows = tops.length - 1;
  const from = Math.min(rows, rowAt(tops, Math.max(0, top - OVERSCAN_PX)));
  return { from, to: Math.min(rows, rowAt(tops, top + view + OVERSCAN_PX) + 1) };
}

interface Layout {
  keys: readonly string[];
  tops: readonly number[];
}

/** How far to scroll so that the first visible row that still exists stays where the eye has it. */
export function anchorShift(before: Layout, after: Layout, scrollTop: number): number {
  if (scrollTop <= 0) return 0;
  const at = new Map(after.keys.map((key, i) => [key, after.tops[i] ?? 0]));
  for (let i = rowAt(before.tops, scrollTop); i < before.keys.length; i += 1) {
    const now = at.get(before.keys[i] ?? '');
    if (now !== undefined) return now - (before.tops[i] ?? 0);
  }
  return 0;
}
