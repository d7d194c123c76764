/** SHA-256 of bytes in lower-case hexadecimal; null where the browser has none, which is on pages without TLS. */
export async function sha256(bytes: ArrayBuffer): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return null;
  return [...new Uint8Array(await subtle.digest('SHA-256', bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What somebody's bytes are, as far as a person can read them; null for what is encrypted or a picture. */
export function readable(bytes: ArrayBuffer): string | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
  if (/[\u0000-\u0008\u000e-\u001f]/.test(text)) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export interface Fetched {
  bytes: ArrayBuffer;
  /** Whether they are those of the promised hash; null where that cannot be checked. */
  matches: boolean | null;
}

/** Bytes from our server, checked against their hash; null where they are not there. */
export async function fetchChecked(path: string, promised: string): Promise<Fetched | null> {
  const response = await fetch(path);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const bytes = await response.arrayBuffer();
  const found = await sha256(bytes);
  return { bytes, matches: found === null ? null : found === promised };
}
