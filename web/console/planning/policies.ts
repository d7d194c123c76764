/** Reads and writes the set of dispatch policies, whole, by its version. */
import { api, ask, askTagged, type Tagged } from '$shared/api/client';
import type { DispatchPolicies, PolicySet } from '$shared/api/types';
import { RowEdit } from '$shared/ui/edit.svelte';
import { policyFor, policyOf, valuesOf, withoutPolicy, withPolicy, type PolicyValues } from './policy-values';

export async function readPolicies(): Promise<Tagged<PolicySet>> {
  return (await askTagged(api.GET('/api/v1/dispatch/policies'))) as unknown as Tagged<PolicySet>;
}

async function write(policies: DispatchPolicies, tag: string): Promise<PolicySet> {
  return (await ask(api.PUT('/api/v1/dispatch/policies', { params: { header: { 'If-Match': tag } }, body: policies as never }))) as unknown as PolicySet;
}

export type PolicyEdit = RowEdit<PolicySet, PolicyValues>;

/** One kind's policy in a form. What others have changed in the policies of other kinds is kept as it was read. */
export function editOf(set: PolicySet, kind: string): PolicyEdit {
  let known = set.body;
  return new RowEdit<PolicySet, PolicyValues>({
    read: async () => {
      const got = await readPolicies();
      known = got.row.body;
      return got;
    },
    values: (one) => valuesOf(policyFor(one.body, kind)),
    write: (changed, tag) => {
      const values = { ...valuesOf(policyFor(known, kind)), ...changed } as PolicyValues;
      return write(withPolicy(known, kind, policyOf(values)), tag);
    },
  }, set);
}

/** Lets a kind follow the general policy again; refused where the policies are not those that were seen. */
export const follow = (seen: Tagged<PolicySet>, kind: string): Promise<PolicySet> => write(withoutPolicy(seen.row.body, kind), seen.tag);
