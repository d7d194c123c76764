/** Counts with the server: the list of them, and the one that is open. Every scan is told at once, so that nothing is lost. */
import { api, ask } from '$shared/api/client';
import type { CountView, Part, StockCount } from '$shared/api/types';
import { named } from '$shared/i18n/labels';
import { m, number, quantity } from '$shared/i18n/text';
import { route } from '../nav/route.svelte';
import { List } from '../replenish/lists.svelte';
import type { Scan } from '../scan/lookup';
import type { Said } from '../scan/scanner.svelte';
import { stock } from '../stock.svelte';
import { undo, wordsOf } from '../undo.svelte';
import { left, lineOf, newCounting, scanned, withLine, type CountWrong, type Counting } from './counting';

const NEWEST = 60;
let view = $state.raw<CountView | null>(null);
let state = $state.raw<Counting>(newCounting());
let failed = $state(false);
/** The place that somebody scanned on the list, or was led to from another count. */
let chosen = $state('');

const list = new List<StockCount>(async () => (await ask(api.GET('/api/v1/stock-counts', { params: { query: { limit: NEWEST } } }))).items);
const codeOf = (place: string) => stock.locations.get(place)?.code ?? '';
const running = (place: string) => list.rows.find((one) => one.location_id === place && (one.status === 'open' || one.status === 'submitted'));

async function read(id: string): Promise<void> {
  try {
    const found = await ask(api.GET('/api/v1/stock-counts/{id}', { params: { path: { id } } }));
    if (view?.count.id !== id) state = newCounting();
    view = found;
    failed = false;
  } catch {
    failed = true;
  }
}

async function tell(count: string, part: Part, found: number | null): Promise<void> {
  const line = await ask(api.POST('/api/v1/stock-counts/{id}/lines', { params: { path: { id: count } }, body: { part_id: part.id, quantity: found } }));
  if (view?.count.id === count) view = withLine(view, line);
}

/** What to do now, in a sentence. */
function wish(): string {
  if (!view) return '';
  if (!state.here) return m.count_scan_place({ place: codeOf(view.count.location_id) });
  const more = left(view).length;
  return more > 0 ? m.count_scan_part({ count: number(more) }) : m.count_all_counted();
}

async function enter(part: Part, found: number): Promise<Said> {
  if (!view) return { tone: 'wrong', title: m.load_failed() };
  const count = view.count.id;
  const known = lineOf(view, part.id);
  const before = known?.counted ?? null;
  const text = m.count_found({ part: named(part), count: quantity(found, part.decimals) });
  try {
    await tell(count, part, found);
  } catch (cause) {
    return { tone: 'wrong', title: m.count_refused({ part: named(part) }), text: wordsOf(cause) };
  }
  undo.push({ text, run: () => tell(count, part, before) });
  return { tone: 'good', title: text, text: known || view.count.blind ? wish() : m.count_unexpected() };
}

/** From place to place without touching the screen: to the count that runs there, or to where one is begun. */
async function goTo(place: string): Promise<Said> {
  await list.reload();
  const there = running(place);
  if (!there) {
    chosen = place;
    route.go('count');
    return { tone: 'good', title: codeOf(place), text: m.count_scan_again() };
  }
  await read(there.id);
  state = { here: true, part: null };
  route.go('count', there.id);
  return { tone: 'good', title: codeOf(place), text: there.status === 'open' ? wish() : m.count_submitted() };
}

function refusal(wrong: CountWrong, scan: Scan): Said {
  const code = scan.kind === 'part' ? scan.part.number : scan.shown;
  const titles: Record<CountWrong, () => string> = {
    half: () => m.wrong_half({ code }), unknown: () => m.wrong_unknown({ code }), place_first: m.wrong_place_first, piece_by_piece: () => m.count_piece_by_piece({ code }), not_now: () => m.wrong_not_now({ code }),
  };
  return { tone: wrong === 'half' ? 'half' : 'wrong', title: titles[wrong](), text: wrong === 'piece_by_piece' ? m.count_pieces_text() : wish() };
}

async function hear(scan: Scan): Promise<Said> {
  if (view?.count.status !== 'open') return scan.kind === 'place' ? goTo(scan.place.id) : refusal('not_now', scan);
  const came = scanned(state, scan, view);
  state = came.state;
  if (came.wrong) return refusal(came.wrong, scan);
  if (came.place) return goTo(came.place);
  if (came.enter) return enter(came.enter.part, came.enter.quantity);
  return { tone: 'good', title: scan.kind === 'part' ? named(scan.part) : scan.kind === 'place' ? scan.place.code : '', text: scan.kind === 'part' ? m.count_type_amount() : wish() };
}

async function step(act: 'submit' | 'approve' | 'reject'): Promise<void> {
  const id = view?.count.id;
  if (!id) return;
  await ask(api.POST(`/api/v1/stock-counts/{id}/${act}` as '/api/v1/stock-counts/{id}/submit', { params: { path: { id } }, body: {} }));
  // Figures of a count that is handed in are not taken back one by one.
  undo.clear();
  await Promise.all([read(id), list.reload(), stock.reloadMoving().catch(() => undefined)]);
}

export const counts = {
  list,
  get view(): CountView | null {
    return view;
  },
  get failed(): boolean {
    return failed;
  },
  get state(): Counting {
    return state;
  },
  get chosen(): string {
    return chosen;
  },
  set chosen(place: string) {
    chosen = place;
  },
  running,
  read,
  hear,
  enter,
  goTo,
  step,
  wish,
  /** By hand, without a scan. */
  choose: (part: string): void => void (state = { ...state, part }),
  async start(place: string, blind: boolean): Promise<void> {
    const made = await ask(api.POST('/api/v1/stock-counts', { body: { location_id: place, blind, part_ids: [], note: '' } }));
    const here = chosen === place;
    chosen = '';
    await Promise.all([read(made.id), list.reload()]);
    state = { here, part: null };
    route.go('count', made.id);
  },
};
