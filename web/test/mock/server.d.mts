/** The stand-in server, as tests in TypeScript use it. */
import type { Asset, Customer, Engineer, Part, Proposal, Reservation, Skill, StockBalance, StockLevel, StockLocation, Ticket, UsedPart } from '$shared/api/types';

export interface Mock {
  url: string;
  db: {
    assets: Asset[]; balances: StockBalance[]; customers: Customer[]; engineers: Engineer[]; locations: StockLocation[];
    parts: Part[]; reservations: Reservation[]; skills: Skill[]; tickets: Ticket[];
  };
  shelves: { levels: StockLevel[]; oldParts: UsedPart[]; proposals: () => Proposal[] };
  close: () => Promise<void>;
}
export function startMock(options?: { port?: number; speed?: number; tiles?: string; moving?: boolean }): Promise<Mock>;
