/** Light, dark, or whatever the system says; remembered on this device. */
export type Theme = 'light' | 'dark' | 'system';
const KEY = 'fettle.theme';

const media = window.matchMedia('(prefers-color-scheme: dark)');
const stored = localStorage.getItem(KEY);
let chosen = $state<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');
let systemDark = $state(media.matches);
media.addEventListener('change', (event) => {
  systemDark = event.matches;
  apply();
});

function apply(): void {
  document.documentElement.dataset['theme'] = theme.dark ? 'dark' : 'light';
}

export const theme = {
  get chosen(): Theme {
    return chosen;
  },
  get dark(): boolean {
    return chosen === 'system' ? systemDark : chosen === 'dark';
  },
  set(next: Theme): void {
    chosen = next;
    localStorage.setItem(KEY, next);
    apply();
  },
};
apply();
