import type { IncomingMessage } from 'node:http';

/** How a body is read on after its response. */
export interface Linger {
  /** How much is read and discarded. */
  readonly bytes: number;
  /** When the connection closes, if the body has not ended by then. */
  readonly ms: number;
  /** How long the connection stays open without being read, once `bytes` have arrived. */
  readonly pauseMs: number;
}

/**
 * For a client that should notice at once that its body is refused: Chromium 156 reads the response
 * after a write has failed.
 */
export const SHORT_LINGER: Linger = { bytes: 64 * 1024, ms: 500, pauseMs: 0 };

/**
 * For any other body that is not wanted. A proxy reads the response when it can send no more: a
 * reset at once would make it report that this server has failed.
 */
export const LONG_LINGER: Linger = { bytes: 1024 * 1024, ms: 5000, pauseMs: 500 };

/** Reads and discards the rest of a body, and closes the connection when that takes too much. */
export function linger(message: IncomingMessage, { bytes: maxBytes, ms, pauseMs }: Linger): void {
  if (message.complete || message.destroyed) return;
  const close = () => message.destroy();
  let timer = setTimeout(close, ms);
  const clear = () => clearTimeout(timer);
  message.once('close', clear).once('end', clear);
  // A first read prevents that Node discards the body when the response has finished.
  let bytes = message.read()?.length ?? 0;
  const count = (data: Buffer) => {
    bytes += data.length;
    if (bytes <= maxBytes) return;
    message.off('data', count).pause();
    clear();
    timer = setTimeout(close, pauseMs);
  };
  message.on('data', count).resume();
}
