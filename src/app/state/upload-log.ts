import type { UploadView } from '../../page/index.ts';
import { describeState, describeTitle } from '../i18n/describe.ts';

const MOST_LINES = 200;

/** What became of each upload since the page was opened, to be copied into a report. */
export class UploadLog {
  readonly #lines = new Map<string, string[]>();
  readonly #last = new Map<string, UploadView>();

  /** Notes what has changed. */
  record(uploads: readonly UploadView[]): void {
    for (const upload of uploads) {
      const before = this.#last.get(upload.id);
      if (before === upload) continue;
      this.#last.set(upload.id, upload);
      if (!before || isSame(before, upload)) continue;
      const what = describeChange(upload);
      const lines = this.#lines.get(upload.id) ?? [];
      lines.push(`${new Date().toISOString()} ${what}`);
      this.#lines.set(upload.id, lines.slice(-MOST_LINES));
    }
  }

  /** The log of one upload as text: its facts first, then what happened to it. It names no token. */
  format(upload: UploadView): string {
    const { id, metadata, generation, plan, session, failures, stagedBytes, progress } = upload;
    const facts = {
      id,
      title: describeTitle(upload),
      sizeBytes: upload.sizeBytes,
      stagedBytes,
      metadata,
      generation,
      plan,
      failures,
    };
    const text = { ...facts, session: session?.id ?? null, state: describeState(upload), progress };
    return [JSON.stringify(text, null, 2), ...(this.#lines.get(id) ?? [])].join('\n');
  }
}

function describeChange(upload: UploadView): string {
  const { status, generation, failures, progress } = upload;
  const wait = upload.status === 'waiting' ? upload.wait : null;
  const reason = wait ? ` ${wait.reason}${'message' in wait ? ` (${wait.message})` : ''}` : '';
  const failed = upload.status === 'failed' ? ` ${upload.code} (${upload.message})` : '';
  const retrying = progress.retrying?.length ? `, tried again: chunks ${progress.retrying.join(' ')}` : '';
  return `${status}${reason}${failed}, generation ${generation}, rounds without an answer ${failures}${retrying}`;
}

/** Whether nothing happened in between that a log would name. */
function isSame(a: UploadView, b: UploadView): boolean {
  const { status, generation, failures, progress } = a;
  if (status !== b.status || generation !== b.generation || failures !== b.failures) return false;
  return progress === b.progress || String(progress.retrying ?? '') === String(b.progress.retrying ?? '');
}
