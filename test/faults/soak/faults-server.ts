import { setTimeout as sleep } from 'node:timers/promises';
import { environmentFault, type Fault } from './fault.ts';
import { forwardUnchanged } from './fault-proxy.ts';
import { ServerGoneError } from './proxy-exchange.ts';
import { KILL_BEFORE_RESPONSE } from './server-messages.ts';

/** Faults of the server process and its disk. */
export const SERVER_FAULTS: readonly Fault[] = [
  {
    name: 'server killed in mid-chunk',
    weight: 2,
    draw(random) {
      const share = random.next();
      return {
        where: 'request',
        matches: ({ sizeBytes }) => sizeBytes > 10_000,
        async apply(proxied, { server }) {
          const { abandon } = await proxied.forwardFirstBytes(Math.floor(share * proxied.exchange.sizeBytes));
          server.kill();
          abandon();
          proxied.resetConnection({ began: false });
          return 'hit';
        },
      };
    },
  },
  {
    name: 'server killed between commit and answer',
    weight: 2,
    draw: () => ({
      where: 'request',
      matches: () => true,
      async apply(proxied) {
        const answer = await proxied.forward(undefined, { [KILL_BEFORE_RESPONSE]: 'now' }).catch(ignoreServerGone);
        // The server survived because nothing was committed.
        if (answer) await proxied.respond(answer);
        else await proxied.respondError(502, 'bad_gateway');
        return answer ? 'missed' : 'hit';
      },
    }),
  },
  {
    name: 'server killed in mid-join',
    weight: 2,
    draw: () => ({
      where: 'request',
      matches: ({ kind, index, total }) => kind === 'chunk' && total > 4 && index === total - 1,
      async apply(proxied, { server }) {
        await forwardUnchanged(proxied);
        const batchId = proxied.exchange.committed?.batchId;
        return batchId && (await server.killInJoin(batchId)) ? 'hit' : 'missed';
      },
    }),
  },
  environmentFault('disk full on the server', 1, async ({ disk }, random) => {
    if (disk.cannotFill !== null) return 'missed';
    disk.fill();
    await sleep(random.whole(300, 1200));
    disk.clear();
    return 'hit';
  }),
];

function ignoreServerGone(error: unknown): null {
  if (error instanceof ServerGoneError) return null;
  throw error;
}
