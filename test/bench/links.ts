import type { LinkOptions } from './link/link.ts';

/** Bytes per second of a link that is named in Mbit/s. */
export const MBIT = 1e6 / 8;

/** The link the original was made for: 500 Mbit/s, a tunnel's round trip. */
export const TUNNEL: LinkOptions = { bytesPerSecond: 500 * MBIT, rttMs: 40 };

/** From the last byte of a request to its answer, behind that tunnel. */
export const WAIT_MS = 500;

export const MIB = 1024 * 1024;
