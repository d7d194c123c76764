/** Bar codes in a picture, by ZXing. Loaded only when somebody opens the camera; its WebAssembly comes from our own server. */
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

const OPTIONS: ReaderOptions = { formats: ['EAN13', 'EAN8', 'UPCA', 'UPCE', 'Code128', 'QRCode', 'DataMatrix'], maxNumberOfSymbols: 4, textMode: 'Plain', tryHarder: true };

export async function prepare(): Promise<void> {
  await prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasm : prefix + path) }, fireImmediately: true });
}

/** Each code with the sign of its symbology before it, as a hand scanner would say it. */
export async function codesIn(picture: ImageData | Uint8Array): Promise<string[]> {
  const found = await readBarcodes(picture, OPTIONS);
  return found.filter((one) => one.isValid && one.text !== '').map((one) => `${one.symbologyIdentifier}${one.text}`);
}
