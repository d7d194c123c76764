/** Whether a dialog is open: keys are for it, wherever the focus has fallen. The bell's list counts as one: it keeps the focus too. */
export const dialogOpen = (): boolean => document.querySelector('[role=dialog]') !== null;

/** Whether a key is not for the page: somebody types, a dialog or a menu is open, or another has acted on it. */
export function isTaken(event: KeyboardEvent): boolean {
  const at = event.target as HTMLElement;
  return event.defaultPrevented || at.closest('input, textarea, select, [role=dialog], [role=menu]') !== null || dialogOpen();
}
