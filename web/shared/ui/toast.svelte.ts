/** Short news at the edge of the page, read out by screen readers; gone after a while or on a click. */
export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'late';
  /** What one may do about it. */
  action?: { text: string; run: () => void } | undefined;
}

const SHOWN_MS = 6_000;
/** Who is to decide something needs longer than who reads. */
const SHOWN_WITH_ACTION_MS = 12_000;
let next = 1;
let list = $state<Toast[]>([]);

export const toasts = {
  get list(): Toast[] {
    return list;
  },
  say(text: string, tone: Toast['tone'] = 'plain', action?: Toast['action']): void {
    const id = next++;
    list = [...list.slice(-3), { id, text, tone, action }];
    setTimeout(() => toasts.drop(id), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
  },
  drop(id: number): void {
    list = list.filter((toast) => toast.id !== id);
  },
};
