/**
 * A photo as it goes to the server: small enough for a bad network, large enough to read a type plate, and stamped with
 * when and at which ticket it was taken.
 */

/** Longest side in pixels. */
export const LONGEST = 1_600;
export const THUMB = 240;
const QUALITY = 0.82;

export interface Size {
  width: number;
  height: number;
}

/** Made smaller to fit, never larger, never nothing. */
export function fitted({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

const drawn = async (canvas: OffscreenCanvas): Promise<ArrayBuffer> => (await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })).arrayBuffer();

function stampOn(pen: OffscreenCanvasRenderingContext2D, { width, height }: Size, stamp: string): void {
  const size = Math.max(14, Math.round(Math.max(width, height) / 50));
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.fillStyle = 'rgb(0 0 0 / 60%)';
  pen.fillRect(0, height - size * 1.8, width, size * 1.8);
  pen.fillStyle = 'white';
  pen.fillText(stamp, size * 0.6, height - size * 0.6, width - size * 1.2);
}

/** The picture and a small one of it, both JPEG. Without the camera's own data: no position that nobody meant to send. */
export async function taken(file: Blob, stamp: string): Promise<{ data: ArrayBuffer; thumb: ArrayBuffer }> {
  const image = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const size = fitted(image, LONGEST);
  const canvas = new OffscreenCanvas(size.width, size.height);
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('no canvas');
  pen.drawImage(image, 0, 0, size.width, size.height);
  stampOn(pen, size, stamp);
  const little = fitted(image, THUMB);
  const small = new OffscreenCanvas(little.width, little.height);
  small.getContext('2d')?.drawImage(image, 0, 0, little.width, little.height);
  image.close();
  return { data: await drawn(canvas), thumb: await drawn(small) };
}
