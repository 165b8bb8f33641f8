import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A self-signed certificate for localhost, as files. */
export interface Certificate {
  readonly certPath: string;
  readonly keyPath: string;
  /** Certificate and key in one file. */
  readonly bothPath: string;
  /** Chromium treats origins with this key as secure, also for service workers. */
  readonly chromiumArg: string;
}

/** Creates a key and a certificate in a folder. Needs the program `openssl`. */
export async function createCertificate(dir: string): Promise<Certificate> {
  const [certPath, keyPath, bothPath] = ['cert.pem', 'key.pem', 'both.pem'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyPath];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certPath, '-days', '2', ...names], { stdio: 'ignore' });
  const cert = await readFile(certPath);
  await writeFile(bothPath, Buffer.concat([cert, await readFile(keyPath)]));
  const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(publicKey).digest('base64');
  return { certPath, keyPath, bothPath, chromiumArg: `--ignore-certificate-errors-spki-list=${hash}` };
}
