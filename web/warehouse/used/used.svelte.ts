/** Old parts with the server: what is expected, what is to be graded, and the counter where they come in. */
import { all, api, ask } from '$shared/api/client';
import type { Grade, UsedPart } from '$shared/api/types';
import { gradeLabel, named } from '$shared/i18n/labels';
import { m, number, quantity } from '$shared/i18n/text';
import { List } from '../replenish/lists.svelte';
import type { Scan } from '../scan/lookup';
import type { Said } from '../scan/scanner.svelte';
import { stock } from '../stock.svelte';
import { undo, wordsOf } from '../undo.svelte';
import { needsNumber, newDesk, putDown, scanned, taken, type Desk, type DeskStep, type DeskWrong, type Hand } from './desk';

const LIMIT = 200;
const KEPT_AT = 'fettle.returns.place';
const page = (after: string | undefined) => ({ limit: LIMIT, ...(after ? { after } : {}) });
const listOf = (status: 'expected' | 'received' | 'graded') => new List<UsedPart>(() => all<UsedPart>((after) => api.GET('/api/v1/used-part-returns', { params: { query: { ...page(after), status } } })));

const expected = listOf('expected');
const received = listOf('received');
let desk = $state.raw<Desk>(newDesk(localStorage.getItem(KEPT_AT) ?? ''));
let busy = $state(false);

const rowOf = (id: string | undefined): UsedPart | undefined => [...expected.rows, ...received.rows].find((row) => row.id === id);
const nameOf = (row: UsedPart): string => {
  const part = stock.parts.get(row.part_id);
  return part ? named(part) : row.part_id;
};
const reload = () => Promise.all([expected.reload(), received.reload()]);
const place = (): string => stock.locations.get(desk.place)?.code ?? '';

/** What to do now, in a sentence. */
function wish(): string {
  if (!stock.locations.has(desk.place)) return m.used_scan_place();
  const row = rowOf(desk.hand?.id);
  if (row && desk.hand) return needsNumber(row, desk.hand, stock.parts) ? m.used_scan_number() : m.used_grade_or_scan();
  return m.used_scan_part({ count: number(expected.rows.length) });
}

/** Takes it in, and grades it if somebody said what it is good for. */
async function send(hand: Hand): Promise<Said> {
  const row = rowOf(hand.id);
  if (!row) return { tone: 'wrong', title: m.problem_return_status() };
  if (row.status !== 'expected' && !hand.grade) return { tone: 'good', title: m.used_leave() };
  const at = { params: { path: { id: row.id } } };
  const count = quantity(hand.quantity, stock.parts.get(row.part_id)?.decimals ?? 0);
  // Its number, where it came in without: then only the grading can tell it.
  const late = row.status === 'received' && row.serial === '';
  busy = true;
  try {
    if (row.status === 'expected') await ask(api.POST('/api/v1/used-part-returns/{id}/receive', { ...at, body: { location_id: desk.place, quantity: hand.quantity, note: '', ...(hand.serial ? { serial: hand.serial } : {}) } }));
    if (hand.grade) await ask(api.POST('/api/v1/used-part-returns/{id}/grade', { ...at, body: { grade: hand.grade, ...(late && hand.serial ? { serials: [hand.serial] } : {}) } }));
    // It is on our shelf now; what was done before it is not taken back past it.
    undo.clear();
    const title = hand.grade ? m.used_graded({ part: nameOf(row), count, grade: gradeLabel(hand.grade) }) : m.used_received({ part: nameOf(row), count, place: place() });
    return { tone: 'good', title };
  } catch (cause) {
    return { tone: 'wrong', title: m.used_refused({ part: nameOf(row) }), text: wordsOf(cause) };
  } finally {
    await reload();
    busy = false;
  }
}

function refusal(wrong: DeskWrong, scan: Scan | null): Said {
  const code = scan?.kind === 'part' ? scan.part.number : (scan?.shown ?? '');
  const titles: Record<DeskWrong, () => string> = {
    half: () => m.wrong_half({ code }), unknown: () => m.wrong_unknown({ code }), place_first: m.wrong_place_first, no_shelf: () => m.wrong_place({ code }), not_expected: () => m.used_not_expected({ code }),
    other_person: () => m.used_other_person({ code, who: desk.person?.code ?? '' }), serial_twice: () => m.wrong_serial_twice({ code }),
  };
  return { tone: wrong === 'half' ? 'half' : 'wrong', title: titles[wrong](), text: wish() };
}

async function follow(step: DeskStep, scan: Scan | null): Promise<Said> {
  if (step.wrong) return refusal(step.wrong, scan);
  const sent = step.send ? await send(step.send) : null;
  // What could not be sent stays in hand, and the scan has to be made again.
  if (sent?.tone === 'wrong') return sent;
  desk = step.desk;
  if (scan?.kind === 'place') localStorage.setItem(KEPT_AT, desk.place);
  const row = rowOf(desk.hand?.id);
  const title = row ? m.used_in_hand({ part: nameOf(row), count: quantity(desk.hand?.quantity ?? 0, stock.parts.get(row.part_id)?.decimals ?? 0), number: row.ticket_number }) : (scan?.shown ?? '');
  return { tone: 'good', title, text: wish() };
}

export const used = {
  expected,
  received,
  reload,
  wish,
  get desk(): Desk {
    return desk;
  },
  get busy(): boolean {
    return busy;
  },
  /** The old part that is in hand. */
  get row(): UsedPart | undefined {
    return rowOf(desk.hand?.id);
  },
  /** For the way back at the foot of the page: what is in hand has not been told to anybody yet. */
  get state(): { line: string | null } {
    return { line: desk.hand?.id ?? null };
  },
  stepBack(): boolean {
    const before = putDown(desk);
    if (before) desk = before;
    return before !== null;
  },
  hear: (scan: Scan): Promise<Said> => follow(scanned(desk, scan, expected.rows, stock.parts, rowOf(desk.hand?.id)), scan),
  take: (row: UsedPart): Promise<Said> => follow(taken(desk, row, stock.parts), null),
  setPlace(id: string): void {
    desk = { ...desk, place: id };
    localStorage.setItem(KEPT_AT, id);
  },
  anybody: (): void => void (desk = { ...desk, person: null }),
  setGrade(grade: Grade): void {
    if (desk.hand) desk = { ...desk, hand: { ...desk.hand, grade: desk.hand.grade === grade ? null : grade } };
  },
  setCount(count: number): void {
    const row = rowOf(desk.hand?.id);
    if (desk.hand && row && count >= 1 && count <= row.quantity) desk = { ...desk, hand: { ...desk.hand, quantity: count } };
  },
  /** Done with what is in hand. */
  async finish(): Promise<Said | null> {
    const { hand } = desk;
    if (!hand) return null;
    const said = await send(hand);
    if (said.tone === 'good') desk = { ...desk, hand: null };
    return { ...said, text: said.text ?? wish() };
  },
  async waive(row: UsedPart, note: string): Promise<void> {
    await ask(api.POST('/api/v1/used-part-returns/{id}/waive', { params: { path: { id: row.id } }, body: { note } }));
    undo.clear();
    await reload();
  },
};
