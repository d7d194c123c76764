/** How the dispatcher's page is divided; remembered by the browser, and part of a saved view. */
import type { SavedView } from '$shared/api/types';

const remembered = (key: string, otherwise: number) => Number(localStorage.getItem(key)) || otherwise;

class Layout {
  left = $state(remembered('fettle.split.left', 412));
  right = $state(remembered('fettle.split.right', 432));
  bottom = $state(remembered('fettle.split.bottom', 330));
  timeline = $state(localStorage.getItem('fettle.timeline.open') !== 'no');

  keep(): void {
    localStorage.setItem('fettle.split.left', String(this.left));
    localStorage.setItem('fettle.split.right', String(this.right));
    localStorage.setItem('fettle.split.bottom', String(this.bottom));
    localStorage.setItem('fettle.timeline.open', this.timeline ? 'yes' : 'no');
  }
  /** As a view keeps it: whole pixels. */
  now = (): SavedView['layout'] => ({ left: Math.round(this.left), right: Math.round(this.right), bottom: Math.round(this.bottom), timeline: this.timeline });

  take(saved: SavedView['layout']): void {
    [this.left, this.right, this.bottom, this.timeline] = [saved.left, saved.right, saved.bottom, saved.timeline];
  }
}

export const layout = new Layout();
