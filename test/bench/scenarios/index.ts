import type { Scenario } from '../scenario.ts';
import { basic } from './basic.ts';
import { big } from './big.ts';
import { capped } from './capped.ts';
import { chunkCost } from './chunk-cost.ts';
import { drop } from './drop.ts';
import { finish } from './finish.ts';
import { first } from './first.ts';
import { firstByte } from './first-byte.ts';
import { basicCut, cut5, cut12, cut30, resets } from './flaky.ts';
import { longList } from './long-list.ts';
import { loopback } from './loopback.ts';
import { manyBatches } from './many-batches.ts';
import { memory } from './memory.ts';
import { proxies, proxiesBig } from './proxies.ts';
import { slower } from './slower.ts';
import { small, smallBatch, tinyBatch } from './small.ts';
import { thin } from './thin.ts';

/** In the order in which they run. */
export const scenarios: readonly Scenario[] = [
  first,
  big,
  thin,
  capped,
  small,
  smallBatch,
  tinyBatch,
  basic,
  cut12,
  cut5,
  cut30,
  resets,
  drop,
  slower,
  basicCut,
  proxies,
  proxiesBig,
  loopback,
  memory,
  firstByte,
  chunkCost,
  longList,
  finish,
  manyBatches,
];
