/** What lies open over the dispatcher's page or beside it, so that the palette can open it too. */
let recent = $state(false);
let proposal = $state(false);

export const screens = {
  get recent(): boolean {
    return recent;
  },
  set recent(open: boolean) {
    recent = open;
  },
  get proposal(): boolean {
    return proposal;
  },
  set proposal(open: boolean) {
    proposal = open;
  },
};
