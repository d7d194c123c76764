// What the stand-in has on order: off the purchase list, received line by line, put off, cancelled.
import { find, invalid, page, Refusal } from './refusal.mjs';

const DAY = 86_400_000;
const OPEN = ['ordered', 'partly_received'];

export function makeOrders({ db, now, changed, purchases }) {
  const orders = [];
  const lines = [];
  const dayOf = (at) => new Date(at).toISOString().slice(0, 10);
  const open = (line) => line.quantity - line.received - line.cancelled;
  const linesOf = (order) => lines.filter((line) => line.order_id === order.id);

  function view(order) {
    const shown = linesOf(order).map((line) => {
      const part = find(db.parts, line.part_id);
      return { ...line, open: open(line), part_number: part.number, part_name: part.name, part_name_zh: part.name_zh, unit: part.unit, decimals: part.decimals, tracking: part.tracking, location_code: find(db.locations, line.location_id).code, total_minor: null };
    });
    return { ...order, overdue: OPEN.includes(order.status) && order.expected_on < dayOf(now()), total_minor: null, total_is_partial: false, lines: shown };
  }
  function settle(order) {
    const own = linesOf(order);
    const [left, come] = [own.some((line) => open(line) > 0), own.some((line) => line.received > 0)];
    order.status = left ? (come ? 'partly_received' : 'ordered') : come ? 'received' : 'cancelled';
    changed('purchase_orders', order);
  }
  function place(supplier_name, rows, expected_on) {
    const order = { id: db.id(), number: orders.length + 1, supplier_id: 's0', supplier_name, currency: 'USD', status: 'ordered', expected_on, note: '', ordered_by: 'Walt Hughes', ordered_at: now() };
    orders.unshift(order);
    for (const row of rows) lines.push({ id: db.id(), order_id: order.id, received: 0, cancelled: 0, supplier_part_number: '', unit_price_micros: 25_000_000, ...row });
    changed('purchase_orders', order);
    return order;
  }
  const [east, west] = db.locations.filter((one) => one.kind === 'depot');
  place('Lift Supplies NY', [{ part_id: db.parts[6].id, location_id: east.id, quantity: 12 }, { part_id: db.parts[7].id, location_id: west.id, quantity: 4 }], dayOf(now() - 2 * DAY));
  place('远东电梯配件', [{ part_id: db.parts[8].id, location_id: east.id, quantity: 20 }], dayOf(now() + 4 * DAY));

  /** What is ordered is not on the list any more. */
  const onOrder = (part_id) => lines.filter((line) => line.part_id === part_id).reduce((sum, line) => sum + open(line), 0);
  const list = () => purchases().filter((row) => onOrder(row.part_id) === 0).map((row) => ({ ...row, on_order: 0, expected_on: null, places: [] }));
  function fromList(body) {
    const rows = body.lines.map(({ part_id }) => list().find((row) => row.part_id === part_id));
    if (rows.includes(undefined)) throw new Refusal(409, 'not_lacking', 'Nothing of it is lacking any more.');
    if (rows.some((row) => !row.supplier_id) && !body.supplier_name) throw invalid(['supplier_name', 'invalid', 'is needed: nobody is known to sell a part of these']);
    const by = new Map();
    for (const row of rows) by.set(row.supplier_name || body.supplier_name, [...(by.get(row.supplier_name || body.supplier_name) ?? []), row]);
    return { orders: [...by].map(([name, of]) => view(place(name, of.map((row) => ({ part_id: row.part_id, location_id: east.id, quantity: row.quantity })), dayOf(now() + 7 * DAY)))) };
  }
  function route(method, id, sub, query, body) {
    if (!id) return page(orders.filter((one) => !query.get('status') || query.get('status').split(',').includes(one.status)).map(view), query);
    const order = find(orders, id);
    if (method === 'PATCH') {
      if (!/^\d{4}-\d\d-\d\d$/.test(body.expected_on)) throw invalid(['expected_on', 'invalid', 'must be a day, as in 2027-04-30']);
      changed('purchase_orders', Object.assign(order, { expected_on: body.expected_on }));
    }
    if (sub === 'cancel') {
      if (!OPEN.includes(order.status)) throw new Refusal(409, 'order_status', `It is ${order.status}.`);
      for (const line of linesOf(order)) line.cancelled += open(line);
      settle(order);
    }
    return view(order);
  }
  function cancelLine(id) {
    const line = find(lines, id);
    line.cancelled += open(line);
    settle(find(orders, line.order_id));
    return view(find(orders, line.order_id));
  }
  function take(id, quantity) {
    const line = find(lines, id);
    if (quantity > open(line)) throw new Refusal(409, 'over_receipt', `${quantity} received, ${open(line)} are to come on the order`);
    line.received += quantity;
    settle(find(orders, line.order_id));
  }
  const parts = () => [...new Set(lines.map((line) => line.part_id))].filter((id) => onOrder(id) > 0).map((part_id) => ({ part_id, quantity: onOrder(part_id), expected_on: orders.filter((one) => linesOf(one).some((line) => line.part_id === part_id && open(line) > 0)).map((one) => one.expected_on).sort()[0] }));
  return { list, fromList, route, cancelLine, take, parts };
}
