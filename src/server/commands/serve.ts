import type { Config } from '../config.ts';
import { Metrics } from '../http/metrics.ts';
import { createServer } from '../server.ts';
import { lockFolder } from '../store/folder/folder-lock.ts';

/** Enough for a chunk that has almost arrived. */
const GRACE_MS = 8000;

/** Runs the server until a signal ends it. */
export async function serve({ host, port, server: options, metrics: place, warnings }: Config): Promise<void> {
  for (const warning of warnings) console.error(warning);
  const release = await lockFolder(options.dataDir);
  const metrics = place && new Metrics();
  const server = await createServer({ ...options, ...(metrics && { metrics }) });
  await server.listen(port, host);
  const metricsServer = place && (await metrics?.listen(place.port, place.host));
  console.log(
    options.provider ? server.url() : `Open this link to sign in (within 15 minutes): ${server.signInLink()}`,
  );
  const stop = async () => {
    metricsServer?.close();
    await server.close(GRACE_MS);
    await release();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
