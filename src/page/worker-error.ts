import { UploadError } from '../shared/errors.ts';

/**
 * Names why the browser refused to register a worker. A script that loads but may not be registered
 * has an untrusted certificate: the user may visit such a page, but browsers run no worker of it
 * (Chromium 156).
 */
export async function createWorkerError(workerUrl: string, cause: unknown): Promise<UploadError> {
  if (cause instanceof DOMException && cause.name === 'SecurityError' && (await isScript(workerUrl))) {
    const message = 'The browser does not trust the certificate of the server. Ask its administrator.';
    return new UploadError('untrusted_certificate', message, { cause });
  }
  return new UploadError('worker_unavailable', 'The background uploader could not start. Reload the page.', { cause });
}

/** A redirect or a page instead of a script is refused with the same error. */
async function isScript(url: string): Promise<boolean> {
  const response = await fetch(url, { method: 'HEAD', redirect: 'manual', cache: 'no-store' }).catch(() => null);
  return !!response?.ok && (response.headers.get('Content-Type') ?? '').includes('javascript');
}
