/**
 * Dragging a ticket with mouse, pen or finger: from the queue or from a row of the timeline to another row. By pointer
 * events, since the browser's own drag and drop knows no touch. A finger holds still for a moment first: else it scrolls.
 */
export interface Carrier {
  pick: (ticketId: string) => boolean;
  move: (x: number, y: number, engineerId: string | null) => void;
  drop: () => void;
  leave: () => void;
}

const FAR_PX = 6;
const HOLD_MS = 350;
/** So near an edge the rows begin to move: less than a row is high, so that the last one can be aimed at. */
const EDGE_PX = 20;
const SCROLL_PX = 5;
const AXIS_PX = 26;

const rowAt = (x: number, y: number): string | null => document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-engineer]')?.dataset['engineer'] ?? null;

/** Scrolls the rows while the pointer is near their upper or lower edge. */
function scrollNear(x: number, y: number): void {
  const box = document.querySelector('[data-rows]');
  const at = box?.getBoundingClientRect();
  if (!box || !at || x < at.left || x > at.right || y > at.bottom + EDGE_PX) return;
  if (y > at.bottom - EDGE_PX) box.scrollTop += SCROLL_PX;
  else if (y > at.top && y < at.top + AXIS_PX + EDGE_PX) box.scrollTop -= SCROLL_PX;
}

/** What a `pointerdown` begins, if it is on a ticket. It ends by itself. */
export function drag(event: PointerEvent, carrier: Carrier): void {
  const ticketId = (event.target as HTMLElement).closest<HTMLElement>('[data-ticket]')?.dataset['ticket'];
  if (!ticketId || event.button !== 0 || !event.isPrimary) return;
  const { clientX, clientY, pointerId } = event;
  const finger = event.pointerType === 'touch';
  let at = { x: clientX, y: clientY };
  let held = false;
  let frame = 0;
  const stop = new AbortController();
  const { signal } = stop;
  const hold = finger ? setTimeout(() => begin(), HOLD_MS) : undefined;

  const turn = () => {
    scrollNear(at.x, at.y);
    carrier.move(at.x, at.y, rowAt(at.x, at.y));
    frame = requestAnimationFrame(turn);
  };
  function begin(): void {
    held = carrier.pick(ticketId ?? '');
    if (held) turn();
    else end();
  }
  function end(): void {
    clearTimeout(hold);
    cancelAnimationFrame(frame);
    stop.abort();
  }
  const leave = () => {
    end();
    if (held) carrier.leave();
  };
  addEventListener('pointermove', (next) => {
    if (next.pointerId !== pointerId) return;
    at = { x: next.clientX, y: next.clientY };
    const far = Math.hypot(at.x - clientX, at.y - clientY) > FAR_PX;
    if (held) next.preventDefault();
    else if (far && finger) end();
    else if (far) begin();
  }, { signal });
  addEventListener('pointerup', (next) => {
    if (next.pointerId !== pointerId) return;
    end();
    if (!held) return;
    // The click that follows is the end of the drag, not a choice.
    const swallow = (click: Event) => (click.stopPropagation(), click.preventDefault());
    addEventListener('click', swallow, true);
    setTimeout(() => removeEventListener('click', swallow, true));
    carrier.move(next.clientX, next.clientY, rowAt(next.clientX, next.clientY));
    carrier.drop();
  }, { signal });
  addEventListener('pointercancel', leave, { signal });
  addEventListener('keydown', (key) => key.key === 'Escape' && held && (key.stopPropagation(), leave()), { signal, capture: true });
  addEventListener('touchmove', (touch) => held && touch.preventDefault(), { signal, passive: false });
  addEventListener('selectstart', (select) => select.preventDefault(), { signal });
}
