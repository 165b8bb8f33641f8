import type { Scenario } from '../scenario.ts';
import { basic } from './basic.ts';
import { big } from './big.ts';
import { capped } from './capped.ts';
import { chunkCost } from './chunk-cost.ts';
import { finish } from './finish.ts';
import { first } from './first.ts';
import { firstByte } from './first-byte.ts';
import { longList } from './long-list.ts';
import { loopback } from './loopback.ts';
import { memory } from './memory.ts';
import { small } from './small.ts';
import { thin } from './thin.ts';

/** In the order in which they run. */
export const scenarios: readonly Scenario[] = [
  first,
  big,
  thin,
  capped,
  small,
  basic,
  loopback,
  memory,
  firstByte,
  chunkCost,
  longList,
  finish,
];
