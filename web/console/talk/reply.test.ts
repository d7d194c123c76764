import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import type { CannedReply } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { narrower } from './audience';
import { blankReply, foundReplies, PLACEHOLDERS, putIn, replyOf, sameReply, textWords, titleWords } from './reply';
import ReplyFields from './ReplyFields.svelte';

const reply = (over: Partial<CannedReply> = {}): CannedReply => ({ id: 'r', title: 'On the way', title_zh: '已出发', text: 'We come', text_zh: '我们来了', audience: 'customer', created_at: 0, ...over });
afterEach(() => locale.set('en'));

describe('a canned reply', () => {
  it('is in the language of the page, and in English where it has no Chinese', () => {
    expect([titleWords(reply()), textWords(reply())]).toEqual(['On the way', 'We come']);
    locale.set('zh-CN');
    expect([titleWords(reply()), textWords(reply())]).toEqual(['已出发', '我们来了']);
    expect([titleWords(reply({ title_zh: '' })), textWords(reply({ text_zh: '' }))]).toEqual(['On the way', 'We come']);
  });

  it('is found by either title', () => {
    const all = [reply(), reply({ id: 'b', title: 'Waiting', title_zh: '等待备件' })];
    expect([foundReplies(all, 'WAIT'), foundReplies(all, '已'), foundReplies(all, ' ')].map((some) => some.length)).toEqual([1, 1, 2]);
  });

  it('comes where the caret is, on lines of its own, and takes nothing away', () => {
    expect(putIn('', 0, 'Hello')).toEqual({ text: 'Hello', caret: 5 });
    expect(putIn('Before  after', 7, 'Hello')).toEqual({ text: 'Before\nHello\nafter', caret: 12 });
    expect(putIn('Before', 6, 'Hello')).toEqual({ text: 'Before\nHello', caret: 12 });
  });

  it('is there to be saved only if something differs', () => {
    expect(sameReply(replyOf(reply()), reply())).toBe(true);
    expect(sameReply({ ...replyOf(reply()), audience: 'team' }, reply())).toBe(false);
  });

  it('has a field for each language, and every placeholder by a button', () => {
    const { tags, text } = draw(ReplyFields, { draft: blankReply(), fault: () => undefined });
    expect(tags('textarea')).toHaveLength(2);
    expect(tags('button')).toHaveLength(PLACEHOLDERS.length);
    expect(PLACEHOLDERS.every((name) => text.includes(`{${name}}`))).toBe(true);
    locale.set('zh-CN');
    expect(draw(ReplyFields, { draft: blankReply(), fault: () => undefined }).text).toContain('预计到达 {planned}');
  });
});

describe('for whom a note is into which a reply is put', () => {
  it('is for nobody more than before', () => {
    expect([narrower('customer', 'office'), narrower('office', 'team'), narrower('customer', 'team'), narrower('customer', 'customer')]).toEqual(['office', 'office', 'team', 'customer']);
  });
});
