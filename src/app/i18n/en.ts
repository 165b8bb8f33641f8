import { isolate, plural } from './plural.ts';

const count = (one: string, other: string) => plural('en', { one, other });

/** Everything the page says, in English; the other languages have the same shape. */
export const en = {
  name: 'Parallel Chunk Uploader',
  starting: 'Starting…',
  reload: 'Reload',
  close: 'Close',
  undo: 'Undo',
  dismiss: 'Dismiss',

  signIn: {
    out: 'Sign out',
    title: 'Sign in to send',
    how: 'Open the sign-in link that the server printed when it started, or paste it here.',
    kept: 'What you add meanwhile is kept on this device and goes when you are back.',
    question: 'Your uploads are still kept in this browser. Nobody else who signs in here sees or sends them.',
    keep: 'Keep them and sign out',
    forget: 'Remove them and sign out',
    stay: 'Stay signed in',
    link: 'Sign-in link',
    go: 'Sign in',
    used: 'This link was used already or is not one of this server.',
  },

  add: {
    title: 'Add files',
    files: 'Choose files',
    folder: 'Choose folder',
    camera: 'Take a photo',
    hint: 'or drop or paste them anywhere',
    drop: 'Drop to add',
    unreadable: count('{n} file could not be read and was left out.', '{n} files could not be read and were left out.'),
    shared: count('{n} file came from another app', '{n} files came from another app'),
    sharedNobody:
      'Sign in once on this device, then share the file again: until then nobody’s queue is there to take it.',
    sharedNothing: 'What another app shared was no file.',
    sharedFailed: 'What another app shared could not be kept. Share it again, or choose it here.',
  },

  form: {
    title: 'Details for the server',
    type: 'Type',
    task: 'Task ID',
    profile: 'Profile ID',
    notes: 'Notes',
    profileRule: 'Profile ID must be a whole number',
    taskRule: 'Task ID required',
    types: { file: 'File', zip: 'Zip', zip_no_qr: 'Zip without QR codes', images: 'Images, as one batch' },
    about: {
      file: 'Each file becomes a batch of its own.',
      zip: 'Each archive becomes a batch of its own.',
      zip_no_qr: 'Each archive becomes a batch of its own, and needs a task ID.',
      images: 'All images become one batch, and need a task ID.',
    },
  },

  review: {
    title: 'Before they are added',
    duplicates: count(
      '{n} file is in the queue already, with the same name, size, date and details.',
      '{n} files are in the queue already, with the same name, size, date and details.',
    ),
    addAll: 'Add them again',
    addNew: 'Add only the new ones',
    queue: count('Add {n} image as one batch', 'Add {n} images as one batch'),
    queueFiles: count('Add {n} file', 'Add {n} files'),
    discard: 'Add nothing',
    total: (total: string, limit: string) => `${total} of ${limit}`,
    tooLarge: (over: string) => `Batch size too large: leave out ${over}.`,
    noRoom: (free: string, needed: string) => `There is room for ${free} on this device, and this needs ${needed}.`,
    leaveOut: (name: string) => `Leave out ${isolate(name)}`,
    more: count('and {n} more', 'and {n} more'),
  },

  queue: {
    title: 'Queue',
    empty: 'Nothing here yet',
    emptyHow:
      'Files you add are copied into this browser first. From then on you may close the tab: they go on by themselves.',
    steps: [
      'Choose files, or drop them',
      'They are copied into this browser',
      'They arrive, also after cuts and restarts',
    ],
    reading: 'Reading the queue',
    gone: 'This upload is no longer in the queue.',
    noMatch: 'No upload matches.',
    showAll: 'Show all',
    filter: 'Show',
    filters: { all: 'All', active: 'On the way', waiting: 'Waiting', done: 'Arrived', failed: 'Failed' },
    search: 'Find by name',
    sort: 'Sort by',
    sorts: { order: 'Sending order', name: 'Name', size: 'Size', newest: 'Newest first' },
    pauseAll: 'Pause all',
    resumeAll: 'Resume all',
    clear: 'Clear finished',
    summary: (arrived: string, all: string) => `${arrived} of ${all} arrived`,
    nothingLeft: count('{n} upload arrived', 'All {n} uploads arrived'),
    ended: count('{n} upload, nothing left to send', '{n} uploads, nothing left to send'),
    keys: 'Arrow keys move, Enter opens, Space pauses or resumes, Delete cancels or removes, Alt with arrows reorders.',
  },

  state: {
    staging: 'Being copied',
    queued: 'Queued',
    uploading: 'Uploading',
    paused: 'Paused',
    completed: 'Arrived',
    failed: 'Failed',
    cancelled: 'Cancelled',
    network: 'Waits for the network',
    backoff: (time: string) => `Waits and tries again in ${time}`,
    backoffNow: 'Waits and tries again',
    signIn: 'Waits for you to sign in',
    file: 'Copying was cut off: choose the file again',
    unconfirmed: 'May have arrived: the server’s answer was lost',
    carrier: 'Handed over to the browser',
  },

  closing: {
    nothingLeft: 'Nothing more of it is sent.',
    copying: 'Still being copied: keep this tab open, closing stops it.',
    needs: {
      'sign-in': 'It goes on when you have signed in, closed or not.',
      file: 'What was copied of it is kept until you choose the file again.',
      unconfirmed: 'Sending it again may make a second batch; until you answer it waits, closed or not.',
      resume: 'It stays paused, closed or not.',
      retry: 'It is kept until you try again or remove it.',
    },
    waiting: count('{n} upload waits for you, closed or not.', '{n} uploads wait for you, closed or not.'),
    carried: count(
      'The browser itself finishes {n} other upload, closed or not.',
      'The browser itself finishes {n} other uploads, closed or not.',
    ),
    networkAlarm: 'You may close this tab: it waits for the network and then goes on by itself.',
    networkVisit: 'You may close this tab: it waits for the network and goes on when you open this app again.',
    handedOver: 'You may close this tab: the browser itself finishes it.',
    handedOverIn: (time: string) => `You may close this tab: the browser itself finishes it in about ${time}.`,
    finishes: (time: string) => `You may close this tab: it finishes in the background in about ${time}.`,
    goesOnAlarm: (time: string) =>
      `Closed now, it goes on for about ${time}, the rest when the app or the browser next starts.`,
    goesOnVisit: (time: string) => `Closed now, it goes on for about ${time}, the rest when you next open this app.`,
    partlyAlarm: (time: string, within: string) =>
      `Closed now, it goes on for about ${time} of the next ${within}, the rest when the app or the browser next starts.`,
    partlyVisit: (time: string, within: string) =>
      `Closed now, it goes on for about ${time} of the next ${within}, the rest when you next open this app.`,
    unmeasuredAlarm: (time: string) =>
      `You may close this tab: it goes on for up to ${time}, the rest when the app or the browser next starts.`,
    unmeasuredVisit: (time: string) =>
      `You may close this tab: it goes on for up to ${time}, the rest when you next open this app.`,
  },

  carrier: {
    handOver: 'Keep going after I close',
    preparing: 'Preparing…',
    stop: 'Stop preparing',
    takeBack: 'Take it back',
    title: (name: string, others: number) =>
      others > 0 ? `Uploading ${isolate(name)} and ${others} more` : `Uploading ${isolate(name)}`,
    mode: 'What takes longer than this browser lets the page work on when closed, the browser itself can finish',
    modes: { ask: 'Offer it', always: 'Always', never: 'Never' },
  },

  tidings: {
    uploaded: 'Arrived',
    failed: 'Failed',
    signIn: 'Waits for you to sign in',
  },

  row: {
    leaves: (day: string) => `Leaves this list, with all that is kept of it here, on ${day}.`,
    andMore: (first: string, others: string) => `${isolate(first)} and ${others} more`,
    sent: (sent: string, total: string) => `${sent} of ${total}`,
    sentAbout: (sent: string, total: string) => `about ${sent} of ${total}`,
    left: (time: string) => `${time} left`,
    pause: 'Pause',
    resume: 'Resume',
    cancel: 'Cancel',
    remove: 'Remove',
    retry: 'Try again',
    sendAgain: 'Send again',
    chooseAgain: 'Choose again',
    signIn: 'Sign in',
    freeStorage: 'Free some storage',
    details: 'Details',
    drag: 'Drag to reorder',
    batch: 'Batch',
    cancelled: (name: string) => `Cancelled ${isolate(name)}`,
    removed: (name: string) => `Removed ${isolate(name)}`,
    cleared: count('{n} upload cleared', '{n} uploads cleared'),
  },

  details: {
    size: 'Size',
    queuedAt: 'Added',
    attempts: 'Rounds without an answer',
    lastError: 'Last error',
    none: 'none',
    session: 'Session',
    digest: 'SHA-256',
    digestLater: 'known when the server has read it through',
    notShown: 'This server does not show what has arrived.',
    save: 'Save',
    files: 'Files',
    first: 'Send first',
    up: 'Move up',
    down: 'Move down',
    copy: 'Copy log',
    copied: 'Log copied',
    copyRefused: 'The browser did not let the log be copied.',
  },

  map: {
    label: (done: string, all: string) => `${done} of ${all} chunks acknowledged`,
    perCell: count('Each square is {n} chunk', 'Each square is {n} chunks'),
    unstaged: 'Not copied yet',
    staged: 'Copied',
    inFlight: 'On the way',
    retrying: 'Tried again',
    backgroundFetch: 'Handed over',
    acknowledged: 'Acknowledged',
  },

  traffic: {
    title: 'Throughput',
    now: 'Now',
    mean: 'Average',
    peak: 'Peak',
    retries: 'Tried again',
    offline: 'Offline',
    chart: (minutes: string) => `Bytes per second over the last ${minutes}`,
  },

  status: {
    title: 'Status and settings',
    online: 'Online',
    offline: 'Offline: what you add is kept and sent later',
    offlineShort: 'Offline',
    stalled: 'Stalled: the connection does not move',
    stalledShort: 'Stalled',
    background: 'In the background',
    sync: 'This browser goes on with the tab closed, and wakes the uploader when the network comes back.',
    noSync: 'This browser sends while the page is open, and goes on when you open it again.',
    storage: 'Storage',
    used: (used: string, quota: string) => `${used} used of ${quota}`,
    usedShort: (used: string) => `${used} kept here`,
    durable: 'Durable: the browser does not clear it by itself.',
    notDurable: 'The browser may clear it when the device runs out of space.',
    makeDurable: 'Make storage durable',
    durableRefused: 'The browser said no. Installing the app often helps.',
    full: 'Storage is almost full',
    mobile: 'Not on mobile data',
    mobileHeld: 'Paused: this is mobile data',
    tell: 'Tell me when the app is closed',
    tells: 'The browser tells you when uploads arrive or need you.',
    language: 'Language',
    install: 'Install app',
    installHow: 'An installed app opens files, takes shares from other apps and keeps its storage.',
    keyboard: 'Keyboard',
  },

  announce: {
    one: (name: string, state: string) => `${isolate(name)}: ${state}`,
    added: count('{n} added', '{n} added'),
    uploaded: count('{n} arrived', '{n} arrived'),
    failed: count('{n} failed', '{n} failed'),
    waiting: count('{n} waits for you', '{n} wait for you'),
    moved: (place: string, all: string) => `Now number ${place} of ${all}`,
  },

  update: {
    ready: 'A new version is ready.',
    whenIdle: 'Reload when idle',
    waiting: 'Reloads as soon as nothing is on its way.',
  },

  // By code; what is not here is said in the words of whoever threw it, which are English.
  errors: {} as Readonly<Record<string, string>>,
};

/** What every language must be able to say. */
export type Catalogue = typeof en;
