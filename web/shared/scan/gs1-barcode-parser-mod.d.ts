/** As much of the parser's answer as we read; it throws a sentence where a code is not whole. */
declare module 'gs1-barcode-parser-mod' {
  export function parseBarcode(code: string): { codeName: string; parsedCodeItems: { ai: string; dataTitle: string; data: string | number | Date; unit: string; raw: string }[] };
}
