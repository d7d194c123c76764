// What the office sees of customers' answers.
import '../../test/globals';
import { beforeEach, describe, expect, it } from 'vitest';
import { satisfactionWords } from '../drawer/confirmation';
import { locale } from '$shared/i18n/text';

beforeEach(() => locale.set('en'));

describe('an answer', () => {
  it('has words in both languages', () => {
    expect((['satisfied', 'neutral', 'dissatisfied'] as const).map(satisfactionWords)).toEqual(['Satisfied', 'Neutral', 'Not satisfied']);
    locale.set('zh-CN');
    expect((['satisfied', 'neutral', 'dissatisfied'] as const).map(satisfactionWords)).toEqual(['满意', '一般', '不满意']);
  });
});
