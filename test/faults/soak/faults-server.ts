import { setTimeout as sleep } from 'node:timers/promises';
import { atLarge, type Fault } from './fault.ts';
import { ServerGone } from './passage.ts';
import { DIES_BEFORE_ANSWER } from './server-words.ts';
import { letThrough } from './wire.ts';

/** What may become of the server itself. */
export const SERVER_FAULTS: readonly Fault[] = [
  {
    name: 'server killed in mid-chunk',
    weight: 2,
    draw(random) {
      const share = random.next();
      return {
        where: 'wire',
        fits: ({ sizeBytes }) => sizeBytes > 10_000,
        async meets(passage, { server }) {
          const { abandon } = await passage.forwardOnly(Math.floor(share * passage.exchange.sizeBytes));
          server.kill();
          abandon();
          passage.cut({ began: false });
          return 'hit';
        },
      };
    },
  },
  {
    name: 'server killed between commit and answer',
    weight: 2,
    draw: () => ({
      where: 'wire',
      fits: () => true,
      async meets(passage) {
        const answer = await passage.forward(undefined, { [DIES_BEFORE_ANSWER]: 'now' }).catch(goneOnly);
        // Still there: there was nothing to commit.
        if (answer) await passage.deliver(answer);
        else await passage.refuse(502, 'bad_gateway');
        return answer ? 'missed' : 'hit';
      },
    }),
  },
  {
    name: 'server killed in mid-join',
    weight: 2,
    draw: () => ({
      where: 'wire',
      fits: ({ kind, index, total }) => kind === 'chunk' && total > 4 && index === total - 1,
      async meets(passage, { server }) {
        await letThrough(passage);
        const batchId = passage.exchange.committed?.batchId;
        return batchId && (await server.killInJoin(batchId)) ? 'hit' : 'missed';
      },
    }),
  },
  atLarge('disk full on the server', 1, async ({ disk }, random) => {
    if (disk.cannotFill !== null) return 'missed';
    disk.fill();
    await sleep(random.whole(300, 1200));
    disk.clear();
    return 'hit';
  }),
];

function goneOnly(error: unknown): null {
  if (error instanceof ServerGone) return null;
  throw error;
}
