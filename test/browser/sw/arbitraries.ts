import fc from 'fast-check';
import type { ErrorCode } from '../../../src/shared/errors.ts';
import type { UploadBase, UploadState, Wait } from '../../../src/shared/upload.ts';
import type { Fault } from './faulty-server.ts';

const FEATURES = [
  'idempotency_key',
  'status',
  'generation',
  'chunk_offset',
  'parallel_start',
  'file_size',
  'recut',
  'partial',
  'bundle',
  'file_list',
];

/** Errors of requests with their status; none without a response. */
const REFUSALS: readonly (readonly [ErrorCode, number | null])[] = [
  ['network', null],
  ['stalled', null],
  ['network_sign_in', null],
  ['network_sign_in', 401],
  ['server_busy', 503],
  ['server_full', 507],
  ['gateway_error', 404],
  ['gateway_error', 502],
  ['bad_response', 200],
  ['internal_error', null],
  ['unauthorized', 401],
  ['not_found', 404],
  ['form_rejected', 422],
  ['conflict', 409],
  ['partial_changed', 409],
  ['too_large', 413],
  ['checksum', 422],
  ['refused', 400],
];

/** What the user can do with an upload. */
export const USER_ACTIONS = ['retry', 'pause', 'resume', 'sign-in', 'cancel'] as const;

/** A record, with facts about what is stored beside it. */
export interface RandomRecord {
  readonly facts: Partial<UploadBase>;
  readonly state: (now: number) => UploadState;
  /** The share of the chunks that have a receipt. */
  readonly acknowledged: 'none' | 'first' | 'all but the final one' | 'all';
  readonly hasPieces: boolean;
}

/** A situation, and what the user does in it. */
export interface Situation {
  readonly record: RandomRecord;
  readonly features: readonly string[];
  /** The features that the client remembers; null for an unknown server. */
  readonly remembered: readonly string[] | null;
  readonly faults: readonly Fault[];
  readonly actions: readonly (typeof USER_ACTIONS)[number][];
}

const CHUNKS = 4;
export const SIZE = CHUNKS * 10;

const wait: fc.Arbitrary<(now: number) => Wait> = fc.oneof(
  fc.constant<(now: number) => Wait>(() => ({ reason: 'network' })),
  fc.constant<(now: number) => Wait>(() => ({ reason: 'sign-in' })),
  fc.constant<(now: number) => Wait>(() => ({ reason: 'file' })),
  fc.constantFrom({}, { code: 'no_batch_id' } as const).map((code) => (): Wait => {
    return { reason: 'unconfirmed', message: 'Words.', ...code };
  }),
  fc.integer({ min: -10_000, max: 10_000 }).map((inMs) => (now: number): Wait => {
    return { reason: 'backoff', nextAttemptAt: now + inMs, message: 'Words.' };
  }),
);

const state: fc.Arbitrary<(now: number) => UploadState> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<UploadState['status']>('staging', 'queued', 'uploading').map(toState) },
  { weight: 5, arbitrary: wait.map((create) => (now: number) => ({ status: 'waiting', wait: create(now) }) as const) },
  { weight: 1, arbitrary: fc.constant<UploadState['status']>('paused').map(toState) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('no_batch_id', 'refused').map((code) => (now: number) => {
      return { status: 'failed', code, message: 'Words.', failedAt: now } as const;
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom({}, { nextAttemptAt: 0 }).map((next) => (now: number) => {
      return { status: 'cancelled', cancelledAt: now, ...next } as const;
    }),
  },
);

const facts: fc.Arbitrary<Partial<UploadBase>> = fc.record({
  generation: fc.nat(2),
  metadata: fc.constantFrom({ upload_type: 'file' }, { upload_type: 'images', task_id: 'T-1' }),
  plan: fc.constantFrom(null, { way: 'direct' } as const, { way: 'chunks', chunkBytes: 10, ramp: [] } as const),
  session: fc.constantFrom(null, { id: 'gone' }),
  failures: fc.nat(3),
  restarted: fc.boolean(),
  mayHaveCompleted: fc.boolean(),
  stagedBytes: fc.constantFrom(SIZE, SIZE, SIZE, SIZE / 2, 0),
});

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom(...REFUSALS).map(([code, status]): Fault => {
    return { kind: 'refused', code, details: status === null ? {} : { status } };
  }),
  fc.constantFrom<Fault>({ kind: 'lost', code: 'network' }, { kind: 'lost', code: 'gateway_error' }),
  fc.constantFrom<Fault>({ kind: 'forgets' }, { kind: 'unnamed' }, { kind: 'none' }),
);

/** Any record that a version may have stored, at any server, with faults and actions. */
export const situation: fc.Arbitrary<Situation> = fc
  .record({
    record: fc.record({
      facts,
      state,
      acknowledged: fc.constantFrom('none', 'first', 'all but the final one', 'all'),
      hasPieces: fc.boolean().chain((isRare) => (isRare ? fc.boolean() : fc.constant(true))),
    }),
    features: fc.subarray(FEATURES),
    isKnown: fc.boolean(),
    faults: fc.array(fault, { maxLength: 12 }),
    actions: fc.array(fc.constantFrom(...USER_ACTIONS), { maxLength: 3 }),
  })
  .map(({ isKnown, ...rest }) => ({ ...rest, remembered: isKnown ? rest.features : null }));

/** The indices of the chunks that have receipts. */
export function listAcknowledged({ acknowledged, facts }: RandomRecord): number[] {
  const count = facts.plan?.way === 'chunks' ? CHUNKS : 1;
  const all = Array.from({ length: count }, (_, index) => index);
  if (acknowledged === 'none') return [];
  if (acknowledged === 'first') return all.slice(0, 1);
  return acknowledged === 'all' ? all : all.slice(0, -1);
}

function toState(status: UploadState['status']): () => UploadState {
  return () => ({ status }) as UploadState;
}
