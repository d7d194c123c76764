// Rules of the stand-in: kept and changed as the server does, but not run. A condition is wrong if it names something
// that no ticket has, and would have matched every third ticket.
import { invalid, Refusal } from './refusal.mjs';

const VARIABLES = [
  ['ticket.priority', 'int', '1 urgent to 4 low', '优先级，1 紧急至 4 低'], ['ticket.status', 'string', 'new, assigned, accepted, …', '状态'], ['ticket.age_minutes', 'int', 'since it was opened', '开单至今（分钟）'],
  ['customer.level', 'string', 'the level that you gave him', '客户等级'], ['event.score', 'int', '3 satisfied, 2 neutral, 1 dissatisfied, 0 not said', '满意度：3 满意、2 一般、1 不满意、0 未评价'],
].map(([name, kind, en, zh]) => ({ name, kind, en, zh }));

export function makeRules({ now, db, edit }) {
  const rule = (id, enabled, name_en, name_zh, trigger, condition, actions) => ({ id, version: 1, enabled, name_en, name_zh, trigger, condition, actions, changed_at: 0 });
  const event = (name) => ({ on: 'event', event: name });
  const tell = { do: 'notify', engineer: false, supervisors: true, roles: [], users: [] };
  const rules = [
    rule('trapped-passenger', true, 'Passenger trapped: priority 1, and everybody in the office knows', '困人：优先级设为 1 并通知调度', event('created'), "ticket.priority > 1 && [ticket.symptom, ticket.title].exists(t, t.contains('困人'))", [{ do: 'set', priority: 1, auto_dispatch: null, expected_minutes: null }, tell]),
    rule('low-score', true, 'Low score: a supervisor sees to it', '满意度低：由主管跟进', event('confirmation_answered'), '!event.solved || event.score == 1', [tell]),
    rule('unhandled-24-hours', true, 'Nobody has it after 24 hours: remind the supervisor', '超过 24 小时未处理：提醒主管', { on: 'every', minutes: 15, once: true }, "ticket.status == 'new' && ticket.age_minutes > 24 * 60", [tell]),
    rule('it-fault', false, 'IT fault: to the IT group', 'IT 故障：派给 IT 组', event('created'), "ticket.kind == 'it'", [{ do: 'assign', group: { skill: 'it', level: 1 } }]),
  ];
  const fired = (nth, outcome, reason, results) => ({ id: `f${nth}`, rule_id: 'trapped-passenger', rule_version: 1, name_en: rules[0].name_en, name_zh: rules[0].name_zh, ticket_id: db.tickets[nth].id, ticket_number: db.tickets[nth].number, cause: `change:${nth}:created`, chain: [], at: now() - nth * 3_600_000, outcome, reason, results });
  const firings = () => [fired(0, 'done', '', [{ action: 'set' }]), fired(1, 'partly', '', [{ action: 'set' }, { action: 'notify', refused: 'nobody_to_tell' }]), fired(2, 'stopped', 'loop', [])];

  const found = (id) => rules.find((one) => one.id === id) ?? (() => { throw new Refusal(404, 'not_found', 'There is no such rule.'); })();
  function checked(body) {
    const wrong = /\b(ticket|customer|event)\.(colour|nothing)\b/.exec(body.condition);
    if (wrong) throw invalid(['condition', 'expression_unknown', `there is no ${wrong[0]} here`]);
    return body;
  }
  return (method, id, body, user, ifMatch) => {
    const whole = (items) => ({ items, next: null });
    if (user.role !== 'admin' && user.role !== 'dispatcher') throw new Refusal(403, 'forbidden', 'Your role may not do this.');
    if (id === 'variables') return whole(VARIABLES);
    if (id === 'firings') return whole(firings());
    if (id === 'preview') {
      checked(body);
      const examples = db.tickets.filter((_, nth) => nth % 3 === 0).slice(0, 20).map((one) => ({ ticket_id: one.id, number: one.number, title: one.title, at: one.created_at }));
      return { matched: examples.length, looked_at: db.tickets.length, since: now() - 30 * 86_400_000, complete: true, failed: 0, examples };
    }
    if (method === 'GET') return id ? found(id) : whole(rules);
    if (user.role !== 'admin') throw new Refusal(403, 'forbidden', 'Your role may not do this.');
    if (method === 'POST') {
      rules.push({ ...checked(body), id: db.id(), version: 1, changed_at: now() });
      return rules.at(-1);
    }
    if (method === 'DELETE') return void rules.splice(rules.indexOf(found(id)), 1);
    const present = found(id);
    return edit('rules', present, { ...checked(body), version: present.version + 1, changed_at: now() }, ifMatch);
  };
}
