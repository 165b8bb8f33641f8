import type { Scenario } from '../scenario.ts';
import { big } from './big.ts';
import { capped } from './capped.ts';
import { first } from './first.ts';
import { loopback } from './loopback.ts';
import { original } from './original.ts';
import { small } from './small.ts';
import { thin } from './thin.ts';

/** In the order they are run. */
export const scenarios: readonly Scenario[] = [first, big, thin, capped, small, original, loopback];
