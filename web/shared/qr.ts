/** A QR code as a picture, by ZXing. Loaded only when one is shown; its WebAssembly comes from our own server. */
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';
import wasm from 'zxing-wasm/writer/zxing_writer.wasm?url';

/** Pixels of a module of the code: large enough for a phone's camera an arm's length away. */
const SCALE = 6;

/** The address of a PNG, black on white with the quiet zone around it that scanners need; to be revoked when done. */
export async function qrPicture(text: string): Promise<string> {
  prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasm : prefix + path) } });
  const made = await writeBarcode(text, { format: 'QRCode', scale: SCALE });
  if (!made.image) throw new Error(made.error || 'no picture');
  return URL.createObjectURL(made.image);
}
