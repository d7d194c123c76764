// From what was noted to what is told; pure.

/** What the Event Timing API leaves out; it counts as this long. */
export const SHORTEST_EVENT_MS = 16;

export const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.max(0, Math.ceil(list.length * share) - 1)] ?? 0;
/** The longest event of each interaction; of those that were too short to be told of, as many as are missing. */
export function interactions(events, made) {
  const longest = new Map();
  for (const { id, ms } of events) longest.set(id, Math.max(longest.get(id) ?? 0, ms));
  const list = [...longest.values()];
  return [...list, ...Array.from({ length: Math.max(0, made - list.length) }, () => SHORTEST_EVENT_MS)];
}

/** When that mark was on the screen, or one that had taken its place before it could be. */
export const shownBy = (seen, nth) => Math.min(Infinity, ...Object.entries(seen).flatMap(([title, at]) => (at > 0 && Number(title.split(' ').at(-1)) >= nth ? [at] : [])));

/** Columns under each other, on a screen and in a page of the documentation. */
export function table(rows, head) {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at].length)));
  const line = (row) => `| ${row.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}
