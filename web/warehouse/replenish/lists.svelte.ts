/** What the server works out for the shelves: what is low, what vans take on, what to buy, what is on order, what was used. Read when somebody looks. */
import { all, api, ask } from '$shared/api/client';
import type { PartOnOrder, Proposal, PurchaseLine, PurchaseOrder, Replenishment, StockLevel, TopUp } from '$shared/api/types';

const LIMIT = 200;
/** How long an order is to last. */
export const COVER_DAYS = 30;

/** One list of the server, with how the last reading went. */
export class List<T> {
  rows = $state.raw<readonly T[]>([]);
  loaded = $state(false);
  failed = $state(false);

  constructor(private readonly read: () => Promise<readonly T[]>) {}

  reload = async (): Promise<void> => {
    try {
      this.rows = await this.read();
      this.loaded = true;
      this.failed = false;
    } catch {
      this.failed = true;
    }
  };
}

const page = (after: string | undefined) => ({ limit: LIMIT, ...(after ? { after } : {}) });

export const low = new List<Proposal>(async () => (await ask(api.GET('/api/v1/stock-proposals'))).items);
export const topUps = new List<TopUp>(async () => (await ask(api.GET('/api/v1/van-top-up'))).items);
export const purchases = new List<PurchaseLine>(async () => (await ask(api.GET('/api/v1/purchase-list'))).items);
export const review = new List<Replenishment>(async () => (await ask(api.GET('/api/v1/replenishment', { params: { query: { cover_days: COVER_DAYS } } }))).items);
export const levels = new List<StockLevel>(() => all<StockLevel>((after) => api.GET('/api/v1/stock-levels', { params: { query: page(after) } })));
const OPEN = 'ordered,partly_received';
export const orders = new List<PurchaseOrder>(() => all<PurchaseOrder>((after) => api.GET('/api/v1/purchase-orders', { params: { query: { ...page(after), status: OPEN } } })));
export const onOrder = new List<PartOnOrder>(async () => (await ask(api.GET('/api/v1/parts-on-order'))).items);
