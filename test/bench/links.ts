import type { LinkOptions } from './link/link.ts';

/** Bytes per second of one Mbit/s. */
export const MBIT = 1e6 / 8;

/** The link of the first design: 500 Mbit/s with the round trip of a tunnel. */
export const TUNNEL: LinkOptions = { bytesPerSecond: 500 * MBIT, rttMs: 40 };

/** The time from the last byte of a request to its response, behind that tunnel. */
export const WAIT_MS = 500;

export const MIB = 1024 * 1024;

/** A slow link, for scenarios with cuts and resets. */
export const SLOW: LinkOptions = { bytesPerSecond: 16 * MBIT, rttMs: 60 };

/** The time from the last byte of a request to its response, behind slow links. */
export const SLOW_WAIT_MS = 200;
