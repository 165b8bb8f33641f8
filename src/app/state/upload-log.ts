import type { UploadView } from '../../page/index.ts';
import { describeState, describeTitle } from '../i18n/describe.ts';

const MAX_LINES = 200;

/** Records the changes of each upload since the page was opened, for bug reports. */
export class UploadLog {
  readonly #lines = new Map<string, string[]>();
  readonly #previous = new Map<string, UploadView>();

  /** Adds a line for each upload that changed since the previous call. */
  record(uploads: readonly UploadView[]): void {
    for (const upload of uploads) {
      const before = this.#previous.get(upload.id);
      if (before === upload) continue;
      this.#previous.set(upload.id, upload);
      if (!before || isSameForLog(before, upload)) continue;
      const lines = this.#lines.get(upload.id) ?? [];
      lines.push(`${new Date().toISOString()} ${describeChange(upload)}`);
      this.#lines.set(upload.id, lines.slice(-MAX_LINES));
    }
  }

  /**
   * The log of an upload as text: its record as JSON, then its changes. It contains no access
   * token.
   */
  format(upload: UploadView): string {
    const { id, metadata, generation, plan, session, failures, sizeBytes, stagedBytes, progress } = upload;
    const record = {
      id,
      title: describeTitle(upload),
      sizeBytes,
      stagedBytes,
      metadata,
      generation,
      plan,
      failures,
      session: session?.id ?? null,
      state: describeState(upload),
      progress,
    };
    return [JSON.stringify(record, null, 2), ...(this.#lines.get(id) ?? [])].join('\n');
  }
}

function describeChange(upload: UploadView): string {
  const { status, generation, failures, progress } = upload;
  const wait = upload.status === 'waiting' ? upload.wait : null;
  const reason = wait ? ` ${wait.reason}${'message' in wait ? ` (${wait.message})` : ''}` : '';
  const failed = upload.status === 'failed' ? ` ${upload.code} (${upload.message})` : '';
  const retrying = progress.retrying?.length ? `, retrying chunks ${progress.retrying.join(' ')}` : '';
  return `${status}${reason}${failed}, generation ${generation}, failed attempts ${failures}${retrying}`;
}

/** Whether the lines of two views would be equal. */
function isSameForLog(a: UploadView, b: UploadView): boolean {
  const { status, generation, failures, progress } = a;
  if (status !== b.status || generation !== b.generation || failures !== b.failures) return false;
  return progress === b.progress || String(progress.retrying ?? '') === String(b.progress.retrying ?? '');
}
