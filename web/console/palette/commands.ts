/** What one may type into the palette that does something, in both languages whichever one reads: they are typed by habit. */
export interface AssignCommand {
  /** The number of a ticket. */
  ticket: number;
  /** Code or name of an engineer; absent: whom the engine would send. */
  engineer: string | null;
}

const FORMS: readonly RegExp[] = [
  /^(?:assign|give)\s+#?(\d+)(?:\s+(?:to\s+)?(.*))?$/i,
  /^(?:派单|分派|派)\s*#?(\d+)(?:\s*(?:给|到)?\s*(.*))?$/,
  /^把?\s*#?(\d+)\s*(?:号工单|号)?\s*(?:派给|交给|给)\s*(.*)$/,
];

/** Null for what is no command: then it is searched for. */
export function commandOf(text: string): AssignCommand | null {
  for (const form of FORMS) {
    const found = form.exec(text.trim());
    if (!found) continue;
    const engineer = (found[2] ?? '').trim();
    // Whoever is still typing "to" means nobody of that name.
    return { ticket: Number(found[1]), engineer: engineer === '' || /^t?o?$/i.test(engineer) ? null : engineer };
  }
  return null;
}

/** Of those found by the server the one who is meant: his code, or his whole name, or the only one. */
export function meant<T extends { code: string; name: string }>(found: readonly T[], words: string): T | null {
  const same = (text: string) => text.toLowerCase() === words.toLowerCase();
  return found.find((one) => same(one.code)) ?? found.find((one) => same(one.name)) ?? (found.length === 1 ? (found[0] ?? null) : null);
}

/** What one does by a single word. */
export type Word = 'undo' | 'redo' | 'recent' | 'proposal';

const WORDS: Record<Word, readonly string[]> = {
  undo: ['undo', '撤销', '撤回'],
  redo: ['redo', '重做', '恢复'],
  proposal: ['proposal', 'plan', '建议', '排程建议'],
  recent: ['history', 'recent', '记录', '操作记录'],
};

/** The words that begin so: two letters are enough, in Chinese one sign. */
export function wordsOf(text: string): Word[] {
  const typed = text.trim().toLowerCase();
  if (typed.length < 2 && !/[\u4e00-\u9fff]/.test(typed)) return [];
  return (Object.keys(WORDS) as Word[]).filter((word) => WORDS[word].some((form) => form.startsWith(typed)));
}
