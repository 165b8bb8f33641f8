import { findChromium } from './chromium.ts';

/** Runs before a project that needs a browser, so that one that is missing is said once and plainly. */
export const setup = (): void => void findChromium();
