/** Keeps a signature: its picture and the text under it as bytes, and the row that binds one to the other. */
import { sha256Of } from '../blobs/store';
import { phone } from '../phone.svelte';
import type { VisitTicket } from '../view';

export const textBytes = (words: string): ArrayBuffer => new TextEncoder().encode(words).buffer as ArrayBuffer;

/** True when it is on this phone's disk. */
export function signed(ticket: VisitTicket, words: string, name: string, picture: ArrayBuffer): Promise<boolean> {
  return phone.doing(async (device, bytes) => {
    const [text, about] = [textBytes(words), { ticket_id: ticket.id, made_at: Date.now() }];
    await bytes.add(text, { ...about, kind: 'document', type: 'text/plain' });
    const drawn = await bytes.add(picture, { ...about, kind: 'signature', type: 'image/png' });
    // The row comes last: it must never name bytes that were lost with the battery.
    await device.record(ticket.id, 'signatures', { signed_by: name, signed_sha256: await sha256Of(text), sha256: drawn.sha256, bytes: drawn.bytes });
  });
}
