/** Signed notes and keys, as the C2SP describes them: Ed25519 by the browser itself. */

const utf8 = new TextEncoder();
export const bytesOf = (value: string): Uint8Array<ArrayBuffer> => utf8.encode(value);
export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

/** The bytes of base64; null if it is none, or not written as it has to be. */
export function unbase64(value: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(value);
    return btoa(binary) === value ? Uint8Array.from(binary, (char) => char.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

export interface Key {
  text: string;
  id: Uint8Array;
  /** SHA-256 of the key, in hexadecimal: what people compare. */
  fingerprint: string;
  public: CryptoKey;
}

const NAME = 'fettle-record';

/** Reads a public key; null if it is none. */
export async function readKey(value: string): Promise<Key | null> {
  const [name, id, ...rest] = value.trim().split('+');
  const typed = unbase64(rest.join('+'));
  if (name !== NAME || !typed || typed.length !== 33 || typed[0] !== 1) return null;
  const named = (await sha256(bytesOf(`${NAME}\n`), typed)).slice(0, 4);
  if (hex(named) !== id) return null;
  const raw = typed.slice(1);
  try {
    const key = await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify']);
    return { text: value.trim(), id: named, fingerprint: hex(await sha256(raw)), public: key };
  } catch {
    return null;
  }
}

/** The text of a note that this key has signed; null if it has not. */
export async function open(key: Key, note: string): Promise<string | null> {
  const parts = note.split('\n\n— ');
  const text = `${parts[0] ?? ''}\n`;
  const line = parts.length === 2 ? (parts[1] ?? '') : '';
  if (!line.startsWith(`${NAME} `) || !line.endsWith('\n')) return null;
  const signature = unbase64(line.slice(NAME.length + 1, -1));
  if (!signature || signature.length !== 68 || hex(signature.slice(0, 4)) !== hex(key.id)) return null;
  const signed = await crypto.subtle.verify({ name: 'Ed25519' }, key.public, signature.slice(4), bytesOf(text));
  return signed ? text : null;
}

/** Whether this browser can judge at all: on pages without TLS none can, and old ones do not know Ed25519. */
export async function able(): Promise<boolean> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return false;
  return subtle.importKey('raw', new Uint8Array(32), { name: 'Ed25519' }, false, ['verify']).then(() => true, () => false);
}
