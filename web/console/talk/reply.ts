/** Canned replies: what is kept of one, and how it comes into the box of a note. */
import type { CannedReply, FilledReply, NewCannedReply } from '$shared/api/types';
import { locale } from '$shared/i18n/text';

export const REPLY_FIELDS = ['title', 'title_zh', 'text', 'text_zh', 'audience'];
/** What stands in braces, as the server fills it in. */
export const PLACEHOLDERS = ['number', 'title', 'status', 'customer', 'address', 'contact', 'engineer', 'planned', 'due', 'organisation', 'author'] as const;

export const blankReply = (): NewCannedReply => ({ title: '', title_zh: '', text: '', text_zh: '', audience: 'customer' });
export const replyOf = ({ title, title_zh, text, text_zh, audience }: CannedReply): NewCannedReply => ({ title, title_zh, text, text_zh, audience });
export const sameReply = (draft: NewCannedReply, row: CannedReply): boolean => JSON.stringify(replyOf({ ...row, ...draft })) === JSON.stringify(replyOf(row));

interface Titled {
  title: string;
  title_zh: string;
}
const inChinese = (): boolean => locale.current === 'zh-CN';
export const titleWords = (one: Titled): string => (inChinese() && one.title_zh ? one.title_zh : one.title);
/** In the language of the page; in English where there is no Chinese. */
export const textWords = (one: Pick<FilledReply, 'text' | 'text_zh'>): string => (inChinese() && one.text_zh ? one.text_zh : one.text);

export const foundReplies = <R extends Titled>(all: readonly R[], words: string): R[] => {
  const wanted = words.trim().toLowerCase();
  return all.filter((one) => `${one.title} ${one.title_zh}`.toLowerCase().includes(wanted));
};

/** A text put where the caret is, on lines of its own unless nothing else is there. */
export function putIn(text: string, caret: number, reply: string): { text: string; caret: number } {
  const before = text.slice(0, caret).trimEnd();
  const after = text.slice(caret).trimStart();
  const whole = [before, reply].filter(Boolean).join('\n');
  return { text: [whole, after].filter(Boolean).join('\n'), caret: whole.length };
}
