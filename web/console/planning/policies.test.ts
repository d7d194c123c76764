// What the page of policies does, with its own modules, against the stand-in server over HTTP.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DispatchPolicies, PolicySet } from '$shared/api/types';
import { standIn, type StandIn } from '../../test/stand-in';

let server: StandIn;
let modules: Awaited<ReturnType<typeof load>>;
async function load() {
  vi.resetModules();
  const [policies, values, { DEFAULTS }, { Submission }] = await Promise.all([import('./policies'), import('./policy-values'), import('./fields'), import('$shared/ui/form.svelte')]);
  return { ...policies, ...values, DEFAULTS, Submission };
}
const PATH = '/dispatch/policies';
const stored = async () => (await server.call<PolicySet>('GET', PATH)).body;
/** Somebody else puts policies in force. */
async function elsewhere(change: (policies: DispatchPolicies) => DispatchPolicies) {
  const { body, tag } = await server.call<PolicySet>('GET', PATH);
  expect((await server.call('PUT', PATH, change(body.body), { 'If-Match': tag })).status).toBe(200);
}
/** A form whose first reading is over: what others do now, it has not seen. */
async function formOf(kind: string) {
  const seen = await modules.readPolicies();
  const edit = modules.editOf(seen.row, kind);
  await vi.waitFor(() => expect((edit as unknown as { tag: string }).tag).toBe(seen.tag));
  return edit;
}

beforeAll(async () => {
  server = await standIn();
  modules = await load();
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.as('admin');
  await elsewhere(() => ({ general: modules.DEFAULTS, by_kind: {} }));
});

describe('one kind’s policy', () => {
  it('is saved with its version, and the next reading has it', async () => {
    const edit = await formOf(modules.GENERAL);
    const before = (await stored()).version;
    edit.values['load_weight'] = '0.5';
    expect(edit.changed).toEqual({ load_weight: '0.5' });
    expect((await edit.save()).version).toBe(before + 1);
    expect((await stored()).body.general.load_weight).toBe(0.5);
  });

  it('becomes its own when it is saved, as a copy of the general one but for what was typed', async () => {
    await elsewhere((all) => ({ ...all, general: { ...all.general, travel_weight: 2 } }));
    const edit = await formOf('repair');
    Object.assign(edit.values, { strategy: 'senior_first', up_to_priority: '2' });
    await edit.save();
    const { general, by_kind } = (await stored()).body;
    expect(by_kind['repair']).toMatchObject({ travel_weight: 2, strategy: { kind: 'senior_first', up_to_priority: 2 } });
    expect(general.strategy).toEqual({ kind: 'smart' });
  });

  it('is refused at its field, and everything stays as it was', async () => {
    const edit = await formOf('repair');
    const sending = new modules.Submission(modules.faultFields('repair'));
    edit.values['straight_line.road_factor'] = '9';
    expect(await sending.run(() => edit.save())).toBeUndefined();
    expect([sending.at('by_kind.repair.straight_line.road_factor'), sending.at('by_kind.repair.load_weight'), sending.rest]).toEqual(['Between 1 and 5.', undefined, []]);
    expect((await stored()).body.by_kind).toEqual({});
  });

  it('is told once for all four where one of four is wrong', async () => {
    const edit = await formOf(modules.GENERAL);
    const sending = new modules.Submission(modules.faultFields(modules.GENERAL));
    edit.values['wait_weights.3'] = '-1';
    await sending.run(() => edit.save());
    expect(sending.at('general.wait_weights')).toBe('Between 0 and 1000.');
  });
});

describe('two people at the policies', () => {
  it('who change the same number: the second is told and sees it, and what he typed is kept', async () => {
    const edit = await formOf(modules.GENERAL);
    edit.values['load_weight'] = '0.5';
    await elsewhere((all) => ({ ...all, general: { ...all.general, load_weight: 0.3, travel_weight: 2 } }));
    const sending = new modules.Submission(modules.faultFields(modules.GENERAL));
    expect(await sending.run(() => edit.save())).toBeUndefined();
    expect(sending.rest[0]).toMatch(/Somebody changed this meanwhile/);
    expect([edit.theirs('load_weight'), edit.theirs('travel_weight'), edit.values['travel_weight']]).toEqual(['0.3', undefined, '2']);
    expect((await stored()).body.general.load_weight).toBe(0.3);
    edit.keep('load_weight');
    await sending.run(() => edit.save());
    expect((await stored()).body.general).toMatchObject({ load_weight: 0.5, travel_weight: 2 });
  });

  it('who change different kinds keep both changes', async () => {
    const edit = await formOf('repair');
    edit.values['travel_weight'] = '3';
    await elsewhere((all) => ({ ...all, by_kind: { inspection: { ...modules.DEFAULTS, travel_weight: 4 } } }));
    await expect(edit.save()).rejects.toMatchObject({ status: 412 });
    await edit.save();
    const { by_kind } = (await stored()).body;
    expect([by_kind['repair']?.travel_weight, by_kind['inspection']?.travel_weight]).toEqual([3, 4]);
  });

  it('cannot give up a policy that has changed since it was seen', async () => {
    await elsewhere((all) => ({ ...all, by_kind: { repair: modules.DEFAULTS } }));
    const seen = await modules.readPolicies();
    await elsewhere((all) => ({ ...all, by_kind: { repair: { ...modules.DEFAULTS, travel_weight: 4 } } }));
    await expect(modules.follow(seen, 'repair')).rejects.toMatchObject({ status: 412 });
    expect((await modules.follow(await modules.readPolicies(), 'repair')).body.by_kind).toEqual({});
  });
});

describe('the role', () => {
  it('of a dispatcher reads, and is refused to write', async () => {
    await server.as('dispatch');
    const edit = await formOf(modules.GENERAL);
    edit.values['load_weight'] = '0.5';
    await expect(edit.save()).rejects.toMatchObject({ status: 403 });
  });

  it('of the warehouse does not read either', async () => {
    await server.as('store');
    await expect(modules.readPolicies()).rejects.toMatchObject({ status: 403 });
  });
});
