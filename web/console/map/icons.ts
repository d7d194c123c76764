/** The ticket marks, drawn once per theme: shape is the priority, fill the due step, hollow = nobody has it yet. */
import type { Map as MapLibre } from 'maplibre-gl';
import type { DueStep } from '$shared/due';
import { iconName } from './features';

const SIZE = 44;
const STEPS: DueStep[] = ['ok', 'soon', 'risk', 'late', 'paused', 'none'];

function outline(c: CanvasRenderingContext2D, priority: number): void {
  const middle = SIZE / 2;
  c.beginPath();
  if (priority === 1) {
    c.moveTo(middle, 6);
    c.lineTo(SIZE - 5, SIZE - 9);
    c.lineTo(5, SIZE - 9);
  } else if (priority === 2) {
    c.moveTo(middle, 5);
    c.lineTo(SIZE - 5, middle);
    c.lineTo(middle, SIZE - 5);
    c.lineTo(5, middle);
  } else if (priority === 3) {
    c.rect(9, 9, SIZE - 18, SIZE - 18);
  } else {
    c.arc(middle, middle, 13, 0, Math.PI * 2);
  }
  c.closePath();
}

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function draw(priority: number, step: DueStep, decided: boolean): ImageData | null {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE;
  const c = canvas.getContext('2d');
  if (!c) return null;
  const color = token(step === 'none' ? '--good' : `--due-${step}`);
  c.lineJoin = 'round';
  outline(c, priority);
  c.strokeStyle = token('--surface');
  c.lineWidth = 9;
  c.stroke();
  c.fillStyle = decided ? color : token('--surface');
  c.fill();
  c.strokeStyle = color;
  c.lineWidth = decided ? 2 : 5;
  c.stroke();
  return c.getImageData(0, 0, SIZE, SIZE);
}

export function addIcons(map: MapLibre): void {
  for (const priority of [1, 2, 3, 4]) {
    for (const step of STEPS) {
      for (const decided of [true, false]) {
        const image = draw(priority, step, decided);
        const name = iconName(priority, step, decided);
        if (image && !map.hasImage(name)) map.addImage(name, image, { pixelRatio: 2 });
      }
    }
  }
}
