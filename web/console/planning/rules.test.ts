import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '$shared/api/problem';
import type { Rule, RuleBody, RulePreview } from '$shared/api/types';
import { fieldWords } from '$shared/i18n/problems';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { serve } from '../../test/window';
import { blankAction, bodyOf, differs, draftOf, faultFields, ruleBody, triggerOf } from './rule';
import { firingWords, outcomeWords, ruleName, triggerWords } from './rule-words';
import RulePreviewCard from './RulePreviewCard.svelte';
import Rules from './Rules.svelte';

const body: RuleBody = {
  name_en: 'Urgent', name_zh: '紧急', enabled: true, trigger: { on: 'daily', time: '08:00', time_zone: 'Asia/Shanghai', once: true }, condition: 'ticket.priority == 1',
  actions: [
    { do: 'assign', group: { skill: 'it', level: 2 } }, { do: 'assign', group: null }, { do: 'notify', engineer: true, supervisors: false, roles: ['dispatcher'], users: ['u1'] },
    { do: 'set', priority: 1, auto_dispatch: false, expected_minutes: null }, { do: 'step', event: 'cancel', reason: 'old' }, { do: 'escalate' },
    { do: 'create_ticket', kind: 'check', priority: 4, title: '#{number}', description: '', dispatch: 'manual' }, { do: 'webhook', url: 'https://a.example/x' },
  ],
};
const rule: Rule = { ...body, id: 'urgent', version: 3, changed_at: 0 };

beforeEach(() => void serve({}));
afterEach(() => locale.set('en'));

describe('a rule in a form', () => {
  it('comes back as it was, whatever it does', () => {
    expect(bodyOf(draftOf(body))).toEqual(body);
    expect(ruleBody(rule)).toEqual(body);
    expect(differs(draftOf(body), rule)).toBe(false);
  });

  it.each([{ on: 'event', event: 'sla_breached' }, { on: 'every', minutes: 15, once: false }] as const)('keeps when it looks: $on', (trigger) => {
    expect(triggerOf(draftOf({ ...body, trigger }))).toEqual(trigger);
  });

  it('is another one when something is typed over or another action is chosen', () => {
    expect(differs({ ...draftOf(body), condition: 'true' }, rule)).toBe(true);
    const draft = draftOf(body);
    draft.actions[5] = { ...blankAction(), do: 'notify' };
    expect(differs(draft, rule)).toBe(true);
  });

  it('shows each fault at its own action', () => {
    expect(faultFields(2)).toContain('actions[1].url');
    expect(faultFields(2)).not.toContain('actions[2].url');
  });
});

describe('a condition that cannot be asked', () => {
  const problem = (code: string, message: string) => new Problem(422, { code: 'invalid', errors: [{ field: 'condition', code, message }] });

  it('is told with what is not known in it, in both languages', () => {
    expect(fieldWords(problem('expression_unknown', 'there is no ticket.colour here'), 'condition')).toBe('Not known here: ticket.colour');
    locale.set('zh-CN');
    expect(fieldWords(problem('expression_unknown', 'there is no ticket.colour here'), 'condition')).toBe('没有此变量：ticket.colour');
  });
});

describe('words of rules', () => {
  it('are those of who works with them', () => {
    expect([ruleName(rule), triggerWords(rule)]).toEqual(['Urgent', 'Daily at 08:00, Asia/Shanghai']);
    locale.set('zh-CN');
    expect([ruleName(rule), triggerWords({ trigger: { on: 'event', event: 'created' } })]).toEqual(['紧急', '新建工单']);
  });

  it('say what was refused and why it was stopped', () => {
    expect(outcomeWords({ outcome: 'partly' })).toBe('Partly done');
    expect(firingWords({ reason: '', results: [{ action: 'set' }, { action: 'assign', refused: 'nobody_can' }] })).toBe('Assign: nobody can take it now');
    expect(firingWords({ reason: 'loop', results: [] })).toBe('It would have been its own cause.');
    expect(firingWords({ reason: '', results: [{ action: 'set' }] })).toBe('');
  });
});

describe('what it would have matched', () => {
  const preview: RulePreview = { matched: 1, looked_at: 40, since: 0, complete: false, failed: 0, examples: [{ ticket_id: 't1', number: 1042, title: 'Car stuck', at: 0 }] };

  it('is said in numbers and by ticket, and that not all was looked at', () => {
    const { text } = draw(RulePreviewCard, { preview });
    expect(text).toContain('It would have matched 1 of 40 tickets. There was no time');
    expect(text).toContain('#1042 Car stuck');
    expect(draw(RulePreviewCard, { preview: null }).text).toContain('as soon as the condition');
  });
});

describe('the page', () => {
  it('says what rules are until one is chosen', () => {
    expect(draw(Rules, {}).text).toMatch(/^Rules .*Choose a rule/);
  });
});
