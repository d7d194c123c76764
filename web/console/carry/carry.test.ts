import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engineer, ticket } from '../../test/samples';
import { openWindow, Refused, serve, settled, type Answers, type Asked } from '../../test/window';

const price = { starts_at: 0, travel_minutes: 5, late_minutes: 0, slips: [], overtime_minutes: 0, missing_parts: 0, score_minutes: 9 };
const verdicts = { ticket_id: 't1', engineer_id: null, cursor: 1, asked_at: 0, travel: {}, items: [
  { engineer_id: 'e2', grade: 'costs', price: { ...price, late_minutes: 4 } },
  { engineer_id: 'e1', grade: 'fits', price },
  { engineer_id: 'e3', grade: 'forbidden', rule: 'skill_missing', fact: { rule: 'skill_missing', skills: ['x'] } },
  { engineer_id: 'e4', grade: 'forbidden', rule: 'workload', fact: { rule: 'workload', in_hand_minutes: 480, expected_minutes: 45, max_minutes: 480 } },
] };
const ASK = 'POST /api/v1/dispatch/verdicts';
const ASSIGN = 'POST /api/v1/tickets/t1/assignments';
let asked: Asked[];

async function hold(by: 'pointer' | 'keys', over: Answers = {}, subject = ticket()) {
  openWindow('/');
  vi.stubGlobal('navigator', { languages: ['en'] });
  vi.stubGlobal('document', { documentElement: {} });
  asked = serve({ [ASK]: verdicts, [ASSIGN]: { engineer_id: 'e1', shortages: [] }, 'GET /api/v1/tickets/t1': ticket(), ...over });
  const [{ live }, { carry }, { toasts }] = await Promise.all([import('../live.svelte'), import('./carry.svelte'), import('$shared/ui/toast.svelte')]);
  for (const id of ['e1', 'e2', 'e3', 'e4']) live.engineers.set(id, engineer({ id, name: `Name ${id}` }));
  live.put(subject);
  const taken = carry.pick('t1', by);
  await settled();
  return { carry, toasts, taken };
}
const given = () => asked.filter((one) => `${one.method} ${one.path}` === ASSIGN).map((one) => one.body);
beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

describe('a ticket in the hand', () => {
  it('has a verdict of everybody; by keys one begins with the cheapest', async () => {
    const { carry } = await hold('keys');
    expect([carry.over, carry.verdict('e3')?.rule, carry.verdicts.size]).toEqual(['e1', 'skill_missing', 4]);
    carry.next(1);
    expect(carry.over).toBe('e2');
    carry.next(1);
    expect(carry.over).toBe('e2');
    carry.next(-1);
    expect(carry.over).toBe('e1');
  });

  it('by the pointer is over nobody until one is there', async () => {
    const { carry } = await hold('pointer');
    expect(carry.over).toBeNull();
    carry.move(3, 4, 'e2');
    expect([carry.over, carry.point]).toEqual(['e2', { x: 3, y: 4 }]);
  });

  it('goes to whom one lets it go over, and out of the hand', async () => {
    const { carry } = await hold('keys');
    await carry.drop();
    expect([given(), carry.held]).toEqual([[{ engineer_id: 'e1' }], null]);
  });

  it('names from whom it is taken, if somebody has it', async () => {
    const { carry } = await hold('keys', {}, ticket({ status: 'assigned', engineer_id: 'e2' }));
    carry.look('e1');
    await carry.drop();
    expect(given()).toEqual([{ engineer_id: 'e1', instead_of: 'e2' }]);
  });

  it('goes nowhere when one leaves it, is over nothing, or over whom it has come from', async () => {
    const { carry } = await hold('pointer', {}, ticket({ status: 'assigned', engineer_id: 'e2' }));
    carry.move(0, 0, 'e2');
    await carry.drop();
    carry.pick('t1', 'pointer');
    await carry.drop();
    carry.pick('t1', 'pointer');
    carry.leave();
    expect([given(), carry.held, carry.override]).toEqual([[], null, null]);
  });

  it('asks for a reason where a rule forbids it, and gives it with that', async () => {
    const { carry } = await hold('keys');
    carry.look('e3');
    await carry.drop();
    expect([given(), carry.override?.engineer.id]).toEqual([[], 'e3']);
    await carry.overrule('He knows the lift');
    expect([given(), carry.override]).toEqual([[{ engineer_id: 'e3', reason: 'He knows the lift' }], null]);
  });

  it('says to whom it cannot be given, whatever the reason', async () => {
    const { carry, toasts } = await hold('keys');
    carry.look('e4');
    await carry.drop();
    expect([given(), carry.override]).toEqual([[], null]);
    expect(toasts.list.at(-1)?.text).toContain('Name e4 cannot get it');
  });

  it('is not taken up once its work has begun', async () => {
    const { carry, taken, toasts } = await hold('keys', {}, ticket({ status: 'working', engineer_id: 'e1' }));
    expect([taken, carry.held, asked.length]).toEqual([false, null, 0]);
    expect(toasts.list.at(-1)?.text).toContain('1042');
  });

  it('can be given also where the server said nothing, which then decides', async () => {
    const { carry, toasts } = await hold('pointer', { [ASK]: new Refused(503) });
    expect(toasts.list).toHaveLength(1);
    carry.move(0, 0, 'e3');
    await carry.drop();
    expect(given()).toEqual([{ engineer_id: 'e3' }]);
  });
});
