/** Who could not take it, by the first rule that he breaks: the rules in the order in which they are asked, each with how many it excludes. */
import type { Excluded, Recommendation } from '$shared/api/types';

export interface Group {
  rule: Excluded['rule'];
  count: number;
  /** The nearest of them; whoever is farther away is only counted. */
  listed: Excluded[];
  unlisted: number;
}

export function groupsOf({ excluded, excluded_counts }: Pick<Recommendation, 'excluded' | 'excluded_counts'>): Group[] {
  return excluded_counts.map(({ rule, count }) => {
    const listed = excluded.filter((one) => one.rule === rule);
    return { rule, count, listed, unlisted: Math.max(0, count - listed.length) };
  });
}
