/** Packs bodies where it pays: a phone's uplink is slow, but below a packet or so there is nothing to save. */

const WORTH_BYTES = 1_024;

export interface Body {
  body: string | Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

export async function pack(json: string, worthBytes = WORTH_BYTES): Promise<Body> {
  const plain: Body = { body: json, headers: { 'Content-Type': 'application/json' } };
  if (json.length < worthBytes || typeof CompressionStream === 'undefined') return plain;
  const stream = new Blob([json]).stream().pipeThrough(new CompressionStream('gzip'));
  const body = new Uint8Array(await new Response(stream).arrayBuffer());
  if (body.length >= json.length) return plain;
  return { body, headers: { ...plain.headers, 'Content-Encoding': 'gzip' } };
}
