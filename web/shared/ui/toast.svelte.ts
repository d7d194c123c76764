/** Short news at the edge of the page, read out by screen readers; gone after a while or on a click. */
export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'late';
}

const SHOWN_MS = 6_000;
let next = 1;
let list = $state<Toast[]>([]);

export const toasts = {
  get list(): Toast[] {
    return list;
  },
  say(text: string, tone: Toast['tone'] = 'plain'): void {
    const id = next++;
    list = [...list.slice(-3), { id, text, tone }];
    setTimeout(() => toasts.drop(id), SHOWN_MS);
  },
  drop(id: number): void {
    list = list.filter((toast) => toast.id !== id);
  },
};
