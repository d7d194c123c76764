import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import type { Preferences } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import PreferenceTable from './PreferenceTable.svelte';
import { isLastWay } from './preferences';

const preferences = (over: Partial<Preferences> = {}): Preferences => ({
  email: 'dora@lifts.example', is_mail_sent: true,
  items: [{ kind: 'response_due', bell: true, mail: false }, { kind: 'rule', bell: true, mail: false }],
  ...over,
});
const drawn = (over: Partial<Preferences> = {}) => draw(PreferenceTable, { shown: preferences(over) });
afterEach(() => locale.set('en'));

describe('what one wants to be told', () => {
  it('has a box for each kind and way, and each box says of what it is', () => {
    const { tags, text } = drawn();
    expect(tags('input')).toHaveLength(4);
    expect(tags('input').every((tag) => /aria-labelledby="\S+ \S+"/.test(tag))).toBe(true);
    expect(text).toContain('The time to respond is running out');
    expect(tags('input').filter((tag) => tag.includes('checked'))).toHaveLength(2);
  });

  it('cannot leave a promise that runs out no way, and a rule it can', () => {
    expect(isLastWay({ kind: 'response_due', bell: true, mail: false }, 'bell')).toBe(true);
    expect(isLastWay({ kind: 'response_due', bell: true, mail: true }, 'bell')).toBe(false);
    expect(isLastWay({ kind: 'response_due', bell: true, mail: false }, 'mail')).toBe(false);
    expect(isLastWay({ kind: 'rule', bell: true, mail: false }, 'bell')).toBe(false);
    expect(drawn().tags('input').map((tag) => tag.includes('disabled'))).toEqual([true, false, false, false]);
  });

  it('says where mail goes, or why it does not', () => {
    expect(drawn().text).toContain('dora@lifts.example');
    expect(drawn({ email: '' }).text).toContain('An administrator can enter');
    expect(drawn({ is_mail_sent: false }).text).toContain('sends no mail');
    locale.set('zh-CN');
    expect(drawn({ email: '' }).text).toContain('管理员');
  });
});
