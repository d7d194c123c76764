/** For whom a key is. */
import { m } from '$shared/i18n/text';
import { toasts } from '$shared/ui/toast.svelte';

let loading = 0;

/** Opens what is loaded only then. Until it is there keys do nothing: what one types is meant for it already. */
export async function openWith(part: Promise<unknown>, open: () => void): Promise<void> {
  loading += 1;
  try {
    await part;
    open();
  } catch {
    toasts.say(m.load_failed(), 'late');
  } finally {
    loading -= 1;
  }
}

/**
 * Whether a dialog is open: keys are for it, wherever the focus has fallen. The bell's list counts as one: it keeps the
 * focus too.
 */
export const dialogOpen = (): boolean => document.querySelector('[role=dialog]') !== null;

/** What takes the keys that are pressed in it. */
const TAKES = 'input, textarea, select, [role=dialog], [role=menu]';

/** Whether a key is not for the page: somebody types, a dialog is open or about to be, or another has acted on it. */
export function isTaken(event: KeyboardEvent): boolean {
  const at = event.target as HTMLElement;
  return event.defaultPrevented || loading > 0 || at.closest(TAKES) !== null || dialogOpen();
}
