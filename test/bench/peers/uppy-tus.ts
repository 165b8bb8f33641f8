import { Uppy } from '@uppy/core';
import Tus from '@uppy/tus';
import type { SendFiles } from '../clients/simple-clients.ts';
import { resumableTusOptions, tusOptions } from './tus.ts';
import { sendWith } from './uppy.ts';

/** Uppy over tus, with the settings of the tus client. */
export const uppyTus: SendFiles = async (files, { origin, chunkBytes }) => {
  const largest = files.reduce((a, b) => (a.size > b.size ? a : b));
  await sendWith(new Uppy().use(Tus, tusOptions(largest, origin, chunkBytes)), files);
};

/** For flaky links, with the settings of the tus client for them. */
export const uppyTusOnePatch: SendFiles = async (files, { origin }) => {
  await sendWith(new Uppy().use(Tus, resumableTusOptions(origin, 1)), files);
};
