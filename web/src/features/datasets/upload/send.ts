import type { Offer } from "../api/createDataset";

/** Sends one piece; refused with a `PutRefused`. */
export type Put = (url: string, body: Blob, headers: Record<string, string>, onSent: (bytes: number) => void, signal: AbortSignal) => Promise<void>;

export class PutRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(status === 0 ? "The connection broke." : `Storage refused it (${status}).`);
    this.name = "PutRefused";
    this.status = status;
  }
}

export interface Progress {
  sent: number;
  part: number;
  parts: number;
}

interface Sending {
  file: Blob;
  offer: Offer;
  put: Put;
  /** Fresh addresses: the old ones live an hour. */
  renew: () => Promise<Offer>;
  onProgress: (progress: Progress) => void;
  signal: AbortSignal;
  pause?: (ms: number) => Promise<void>;
}

const TRIES = 3;
const EXPIRED = 403;
const wait = (ms: number) => new Promise<void>((done) => window.setTimeout(done, ms));

/** Sends what has not arrived yet, in one piece or in parts; each is tried three times, and an expired address is renewed silently. */
export async function send(sending: Sending): Promise<void> {
  const { offer, file } = sending;
  if (!offer.parts) {
    await insistently(sending, (latest, onSent) => sending.put(latest.url ?? "", file, latest.headers ?? {}, onSent, sending.signal), { sent: 0, part: 1, parts: 1 });
    return;
  }
  const missing = offer.parts;
  const size = offer.part_size_bytes ?? file.size;
  const parts = Math.ceil(file.size / size);
  let sent = file.size - missing.reduce((sum, part) => sum + part.size_bytes, 0);
  for (const part of missing) {
    const from = (part.number - 1) * size;
    const piece = file.slice(from, from + part.size_bytes);
    await insistently(
      sending,
      (latest, onSent) => {
        const url = latest.parts?.find((one) => one.number === part.number)?.url;
        return url === undefined ? Promise.resolve() : sending.put(url, piece, {}, onSent, sending.signal);
      },
      { sent, part: part.number, parts },
    );
    sent += part.size_bytes;
    sending.onProgress({ sent, part: part.number, parts });
  }
}

type Attempt = (latest: Offer, onSent: (bytes: number) => void) => Promise<void>;

async function insistently(sending: Sending, attempt: Attempt, at: Progress): Promise<void> {
  let latest = sending.offer;
  for (let tried = 1; ; tried += 1) {
    try {
      await attempt(latest, (bytes) => sending.onProgress({ ...at, sent: at.sent + bytes }));
      return;
    } catch (error) {
      if (sending.signal.aborted || tried >= TRIES || !(error instanceof PutRefused)) throw error;
      await (sending.pause ?? wait)(1000 * 2 ** tried);
      if (error.status === EXPIRED) latest = await sending.renew();
    }
  }
}
