import type { ElementHandle, Page } from 'playwright-core';
import { createMetadata } from '../../../src/shared/metadata.ts';
import type { Upload } from '../../../src/shared/upload.ts';
import { makeFile, type TestFile } from '../../fixtures/files.ts';
import type { AppElement, Browser } from './browser.ts';
import { getFileName, type Level, type PlannedUpload } from './upload-plan.ts';

/** Acts as the user: queues files and does what the app asks for. */
export class UserActions {
  readonly #browser: Browser;
  readonly #level: Level;
  readonly #files = new Map<string, readonly TestFile[]>();
  readonly #planned: readonly PlannedUpload[];
  /** How often the app asked for help, by its reason. */
  readonly interventions = new Map<string, number>();

  constructor(browser: Browser, level: Level, planned: readonly PlannedUpload[]) {
    this.#browser = browser;
    this.#level = level;
    this.#planned = planned;
  }

  /** Creates every file of the plan. */
  async makeFiles(dir: string, seed: number): Promise<void> {
    for (const planned of this.#planned) {
      const files: TestFile[] = [];
      for (const [n, size] of planned.sizes.entries())
        files.push(await makeFile(dir, getFileName(planned, n), size, seed));
      this.#files.set(planned.name, files);
    }
  }

  filesOf(planned: PlannedUpload): readonly TestFile[] {
    return this.#files.get(planned.name) ?? [];
  }

  /** Uploads that the signed-in user has not queued yet, in order of the plan. */
  async readUnqueued(): Promise<PlannedUpload[]> {
    const known = new Set((await this.#browser.readRecords()).map(getFirstFileName));
    return this.#planned.filter(({ owner, name }) => owner === this.#browser.user && !known.has(name));
  }

  /** Queues uploads through a file input. Resolves when they are queued, before they are staged. */
  async queue(planned: readonly PlannedUpload[], tab?: Page): Promise<void> {
    for (const { fields, name } of planned) {
      const input = await this.#pick(name, tab ?? (await this.#browser.getTab()));
      await input.evaluate(async (element, wanted) => {
        const app = document.querySelector<AppElement>('upload-app');
        await app?.client?.add([...((element as HTMLInputElement).files ?? [])], wanted);
        element.remove();
      }, createMetadata(fields));
    }
  }

  /** Does what the app asks the signed-in user for. */
  async resolveWaits(records: readonly Upload[]): Promise<void> {
    if (await this.#browser.isSignedOut()) {
      this.#count('signed out');
      return this.#browser.signIn(this.#browser.user);
    }
    for (const upload of records) {
      if (upload.ownerId !== this.#browser.user) continue;
      const asked = findRequiredAction(upload, this.#level);
      if (asked === null) continue;
      this.#count(asked.words);
      if (asked.act === 'provide') await this.#reattach(upload);
      else if (asked.act === 'sign in') await this.#browser.signIn(this.#browser.user);
      else await this.#retry(upload.id);
    }
  }

  #count(words: string): void {
    this.interventions.set(words, (this.interventions.get(words) ?? 0) + 1);
  }

  async #retry(id: string): Promise<void> {
    const tab = await this.#browser.getTab();
    await tab.evaluate(
      async (uploadId) => document.querySelector<AppElement>('upload-app')?.client?.retry(uploadId),
      id,
    );
  }

  async #reattach(upload: Upload): Promise<void> {
    const input = await this.#pick(getFirstFileName(upload), await this.#browser.getTab());
    await input.evaluate(async (element, id) => {
      const app = document.querySelector<AppElement>('upload-app');
      const files = [...((element as HTMLInputElement).files ?? [])];
      await app?.client?.reattach(id, files);
      element.remove();
    }, upload.id);
  }

  /** Chooses the files of an upload in an input of the page. */
  async #pick(name: string, tab: Page): Promise<ElementHandle<HTMLElement>> {
    const input = await tab.evaluateHandle(() => {
      const element = Object.assign(document.createElement('input'), { type: 'file', multiple: true, hidden: true });
      return document.body.appendChild(element);
    });
    await input.setInputFiles((this.#files.get(name) ?? []).map(({ path }) => path));
    return input;
  }
}

/** The name of an upload in the plan. */
export function getFirstFileName(upload: Upload): string {
  return upload.files[0]?.name ?? '';
}

function findRequiredAction(
  upload: Upload,
  level: Level,
): { act: 'retry' | 'provide' | 'sign in'; words: string } | null {
  if (upload.status === 'failed') return { act: 'retry', words: `failed: ${upload.code}` };
  if (upload.status !== 'waiting') return null;
  const { reason } = upload.wait;
  if (reason === 'file') return { act: 'provide', words: 'waiting: file' };
  if (reason === 'sign-in') return { act: 'sign in', words: 'waiting: sign-in' };
  // A basic server cannot tell whether the upload arrived, so the user leaves it.
  if (reason === 'unconfirmed' && level === 'extended') return { act: 'retry', words: 'waiting: unconfirmed' };
  return null;
}
