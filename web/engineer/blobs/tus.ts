/** Bytes to the server by tus 1.0. Loaded when there is something to send. */
import { DetailedError, Upload } from 'tus-js-client';
import type { Kept } from './store';
import { Refusal, type Carrier, type Told } from './uploads';

/** On a bad network a piece has to come through before the next cut. */
const PIECE_BYTES = 256 * 1_024;
const RETRY_MS = [0, 1_000, 3_000];

function codeOf(body: string | undefined): string {
  try {
    return String((JSON.parse(body ?? '') as { code?: unknown }).code ?? '');
  } catch {
    return '';
  }
}

export function tusCarrier(token: string, origin: string = location.origin): Carrier {
  const endpoint = `${origin}/sync/v1/blobs`;
  const headers = { Authorization: `Bearer ${token}` };
  return {
    async has(sha256) {
      const answer = await fetch(`${endpoint}/sha256:${sha256}`, { method: 'HEAD', headers: { ...headers, 'Tus-Resumable': '1.0.0' } });
      if (answer.status === 401) throw new Refusal(401, 'unauthenticated');
      return answer.ok;
    },
    send: (kept: Kept, data: ArrayBuffer, told: Told) => new Promise((resolve, reject) => {
      const upload: Upload = new Upload(new Blob([data], { type: kept.type }), {
        endpoint, headers, chunkSize: PIECE_BYTES, retryDelays: RETRY_MS, storeFingerprintForResuming: false,
        ...(kept.url ? { uploadUrl: kept.url } : {}),
        metadata: { sha256: kept.sha256, filetype: kept.type },
        onUploadUrlAvailable: () => void told.at(upload.url ?? ''),
        onProgress: (sent, all) => told.progress(sent, all ?? kept.bytes),
        onSuccess: () => resolve(),
        onError: (cause) => {
          const status = cause instanceof DetailedError ? (cause.originalResponse?.getStatus() ?? 0) : 0;
          const body = cause instanceof DetailedError ? cause.originalResponse?.getBody() : undefined;
          reject(status > 0 ? new Refusal(status, codeOf(body)) : cause);
        },
      });
      upload.start();
    }),
  };
}
