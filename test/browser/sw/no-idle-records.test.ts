import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  cancelTransition,
  pauseTransition,
  resumeTransition,
  signInTransition,
} from '../../../src/page/queue/transitions.ts';
import { retryTransition } from '../../../src/shared/retry-transition.ts';
import { isActive, isStaged, type Transition, type Upload, withState } from '../../../src/shared/upload.ts';
import { realClock } from '../../../sw/ports/clock.ts';
import {
  listAcknowledged,
  type RandomRecord,
  SIZE,
  type Situation,
  situation,
  type USER_ACTIONS,
} from './arbitraries.ts';
import { DriverFixture } from './driver-fixture.ts';
import { FaultyServer } from './faulty-server.ts';

/** Makes five minutes pass in a second, also for stored times. */
const SPEED = 300;
const clock = {
  ...realClock,
  random: () => 0.5,
  now: () => performance.now() * SPEED,
  ticks: () => performance.now() * SPEED,
  sleep: (delayMs: number, signal?: AbortSignal) => realClock.sleep(delayMs / SPEED, signal),
};
/** Longer than every delay, so that only a drive without a job leaves a busy record. */
const DRIVE_MS = 6 * 60_000;
/** A drive that ends by its deadline, on a slow machine, is followed by others. */
const MAX_DRIVES = 20;

const TRANSITIONS: Readonly<Record<(typeof USER_ACTIONS)[number], Transition>> = {
  retry: retryTransition,
  pause: pauseTransition,
  resume: resumeTransition,
  'sign-in': signInTransition,
  cancel: cancelTransition,
};

/** Whether nothing is left to do for a record, or the user knows what to do. */
function isAtRest(upload: Upload | undefined): boolean {
  switch (upload?.status) {
    case undefined:
    case 'completed':
    case 'failed':
    case 'paused':
      return true;
    case 'cancelled':
      return upload.session === null && upload.stagedBytes === 0;
    case 'waiting':
      // Without a staged byte only a page can continue.
      return !isActive(upload) || upload.stagedBytes === 0;
    case 'staging':
    case 'queued':
    case 'uploading':
      // A page stages the rest; without one the next page asks for the file.
      return !isStaged(upload);
  }
}

async function store(fixture: DriverFixture, record: RandomRecord): Promise<string> {
  const { facts, hasPieces } = record;
  const id = await fixture.queueUpload({ ...facts, stagedBytes: 0 }, SIZE);
  const state = record.state(clock.now());
  if (!hasPieces) await fixture.db.updateAndDeleteBytes(id, (before) => before);
  const { stagedBytes = SIZE } = facts;
  await fixture.db.update(id, (before) => withState(before, state, { stagedBytes }));
  for (const index of listAcknowledged(record))
    await fixture.db.addReceipt({ uploadId: id, generation: facts.generation ?? 0, index, sizeBytes: 10 }, () => null);
  return id;
}

/** Drives as long as a drive makes requests or changes the record. */
async function driveToRest(fixture: DriverFixture, server: FaultyServer, id: string): Promise<void> {
  const driver = fixture.createDriver(server, { clock });
  for (let drives = 0; drives < MAX_DRIVES && !isAtRest(await fixture.db.get(id)); drives++) {
    const before = { requests: server.requests, record: await fixture.db.get(id) };
    await driver.drive({ kind: 'message', deadline: clock.ticks() + DRIVE_MS });
    const after = { requests: server.requests, record: await fixture.db.get(id) };
    const what = `No job for ${JSON.stringify(after.record)}`;
    if (!isAtRest(after.record)) expect(after, what).not.toEqual(before);
  }
  const record = await fixture.db.get(id);
  expect(isAtRest(record), JSON.stringify(record)).toBe(true);
}

async function play({ record, features, remembered, faults, actions }: Situation): Promise<void> {
  const fixture = await DriverFixture.open();
  try {
    const profile = { features: remembered, rejectsExtraFields: false, rateBytesPerSecond: null };
    await fixture.db.settings.setServerProfile('https://scripted.test', profile);
    const server = new FaultyServer(features, faults);
    const id = await store(fixture, record);
    await driveToRest(fixture, server, id);
    for (const action of actions) {
      await fixture.db.update(id, TRANSITIONS[action]);
      await driveToRest(fixture, server, id);
    }
  } finally {
    await fixture.close();
  }
}

it('leaves no record busy without a job, after any responses and actions', async () => {
  await fc.assert(fc.asyncProperty(situation, play), { numRuns: 200, endOnFailure: true });
}, 300_000);
