import type { ErrorCode } from '../../page/index.ts';
import { isolate, plural } from './plural.ts';

const count = (one: string, other: string) => plural('en', { one, other });
const quote = (name: string | null) => name && `“${name}”`;

/**
 * The details in an error message beyond its code, formatted for the reader; null where missing.
 */
export interface MessageDetails {
  /** Size of the upload. */
  readonly size: string | null;
  /** The limit that was exceeded. */
  readonly limit: string | null;
  /** Name of the file, isolated from the direction of the sentence. */
  readonly file: string | null;
  /** Label of the form field. */
  readonly field: string | null;
}

/** The text for an error code. */
export type ErrorText = string | ((details: MessageDetails) => string);

/**
 * The codes without a text, whose message is shown: `refused` has the message of a server with its
 * own codes, `invalid_option` names the option.
 */
type PassedOn = 'refused' | 'invalid_option';

/**
 * The texts of `ErrorCode` and of the server's codes. Any other code shows its message.
 */
const errors = {
  no_file: 'Choose a file.',
  task_id_required: 'Enter a task ID.',
  batch_too_large: ({ limit }) => `The batch is over the limit of ${limit}. Remove some files.`,
  no_token: 'Please sign in.',
  unreadable_file: ({ file }) =>
    `${quote(file) ?? 'The file'} couldn’t be read: it was moved, changed or isn’t on this device. Choose it again.`,
  different_file: 'This isn’t the file you chose before. Choose that one again, or start over with this one.',
  storage_full: ({ file }) =>
    `Not enough space on this device for ${quote(file) ?? 'this upload'}. Free up space and try again.`,
  untrusted_certificate:
    'This browser doesn’t trust the server’s certificate, so nothing can be uploaded. Ask the server’s administrator.',
  worker_unavailable: 'This browser can’t upload in the background. Open the page over HTTPS, not in a private window.',
  background_fetch_refused: 'Couldn’t move it to the background; it continues here.',
  newer_version: 'A newer version of this app is in use here. Reload the page.',
  database_closed: 'The browser closed this app’s storage. Reload the page.',
  cancelled: 'Upload cancelled.',
  no_batch_id: 'Uploaded, but the server gave no batch ID.',
  unknown_upload: 'This upload was removed.',
  network: 'Couldn’t reach the server. Check your connection.',
  stalled: 'The connection stalled.',
  server_busy: 'The server is busy. Try again later.',
  server_full: 'The server is out of space. Uploads continue when there is room.',
  gateway_error: 'The server is unavailable. Try again later.',
  network_sign_in: 'Your network asks you to sign in.',
  internal_error: 'Something went wrong in this app. Try again.',
  bad_response: 'Unexpected response from the server.',
  unauthorized: 'Please sign in.',
  not_found: 'Not found on this server.',
  form_rejected: 'The server rejected the upload details.',
  conflict: 'This upload doesn’t match what the server has. Try again.',
  too_large: 'The server doesn’t accept requests of this size.',
  checksum: 'A part was damaged on the way. Try again.',

  already_finished: 'This upload is already complete.',
  bad_bundle: 'The server couldn’t read the uploads. Try again.',
  bad_code: 'This link has been used or isn’t valid. Ask for a new one.',
  bad_field: ({ field }) => (field ? `Check the field “${field}”.` : 'Check the upload details.'),
  bad_file_list: 'The server couldn’t read the list of files. Try again.',
  bad_form: 'The server couldn’t read the upload. Try again.',
  bad_range: 'This part of the file doesn’t exist.',
  bad_request: 'The server didn’t understand the request.',
  batch_not_found: 'This batch doesn’t exist.',
  checksum_mismatch: 'A part was damaged on the way. Try again.',
  chunks_missing: 'Some parts are missing on the server. Try again.',
  chunks_overlap: 'The parts don’t fit together on the server. Try again.',
  device_not_found: 'This device is already signed out.',
  disk_full: 'The server is out of space. Uploads continue when there is room.',
  generation_superseded: 'This upload was started again elsewhere.',
  guest_limit: 'This guest link takes no more files. Ask for another one.',
  guest_link_ended: 'This link has expired or was deleted. Ask for a new one.',
  guest_link_not_found: 'This guest link doesn’t exist.',
  headers_too_large: 'The server didn’t understand the request.',
  index_out_of_range: 'The server didn’t understand the request.',
  internal: 'Something went wrong on the server. Try again later.',
  json_required: 'The server didn’t understand the request.',
  other_user: 'This link signs in another user.',
  partial_changed: 'The server no longer has the start of a part. Try again.',
  quota_full: 'Your space on the server is full. Delete something there, or ask for more space.',
  request_timeout: 'The request took too long. Try again.',
  session_not_found: 'The server no longer has this upload. Try again.',
  sign_in_unavailable: 'Signing in isn’t possible right now. Try again later.',
  stopping: 'The server is restarting. Try again in a moment.',
  storage_unavailable: 'The server can’t store anything right now. Try again later.',
  token_expired: 'Your sign-in has expired. Sign in again.',
  too_many_bytes: 'Too much waiting: finish or cancel some uploads first.',
  too_many_files: 'Too many files for one upload. Send them as several uploads.',
  too_many_guest_links: 'You have too many guest links. Revoke one first.',
  too_many_requests: 'Too many requests. Try again later.',
  too_many_sessions: 'Too many unfinished uploads: finish or cancel some first.',
  total_changed: 'This upload doesn’t match what the server has. Try again.',
  unknown_upload_type: 'This server doesn’t accept this type of upload.',
  upload_too_large: ({ size, limit }) =>
    size && limit ? `${size}; this server accepts at most ${limit}.` : 'This is over the server’s size limit.',
} satisfies Readonly<Record<Exclude<ErrorCode, PassedOn>, ErrorText>> & Readonly<Record<string, ErrorText>>;

/** English. The type of this object keeps the other languages complete. */
export const en = {
  name: 'Uploader',
  starting: 'Starting…',
  reload: 'Reload',
  close: 'Close',
  undo: 'Undo',
  dismiss: 'Dismiss',

  signIn: {
    out: 'Sign out',
    title: 'Sign in to upload',
    how: 'Open or paste your sign-in link. No link? Ask whoever runs this server.',
    canAdd: 'Files you add now stay on this device and upload once you sign in.',
    question: 'Keep your unfinished uploads in this browser? Other users of this browser cannot see them.',
    keep: 'Keep and sign out',
    delete: 'Delete and sign out',
    cancel: 'Cancel',
    link: 'Sign-in link',
    go: 'Sign in',
    used: 'This link has been used or isn’t valid. Ask for a new one.',
    provider: {
      how: (host: string) => `You sign in at ${isolate(host)} and come back here.`,
      denied: 'You didn’t allow the sign-in. Try again if you want to upload.',
      interrupted: 'This sign-in was interrupted. Try again.',
      unreachable: 'Couldn’t reach the sign-in service. Try again later.',
      refused: (reason: string) => `The sign-in service refused: ${isolate(reason)}. Ask whoever runs this server.`,
    },
    none: 'This page can’t sign you in. Ask whoever runs this server.',
  },

  account: {
    label: (name: string) => `Account: ${isolate(name)}`,
    title: 'Account',
    signedInAs: (name: string) => `Signed in as ${isolate(name)}`,
    userId: (id: string) => `User ID: ${isolate(id)}`,
    guest: 'Guest',
  },

  switchUser: {
    userToUser: (from: string, to: string) =>
      `You’re signed in as ${isolate(from)}. Sign in as ${isolate(to)} instead?`,
    userToGuest: (from: string) => `You’re signed in as ${isolate(from)}. Send files as a guest instead?`,
    guestToUser: (to: string) => `You’re sending files as a guest. Sign in as ${isolate(to)} instead?`,
    guestToGuest: (to: string) =>
      to ? `You’re sending files with another link. Send files to ${isolate(to)} instead?` : 'Use this link instead?',
    userStays: (from: string) =>
      `The uploads of ${isolate(from)} stay in this browser and continue when ${isolate(from)} signs in again.`,
    guestStays: 'Unfinished uploads stay in this browser and continue when you open the previous link again.',
    go: 'Switch user',
    goGuest: 'Continue as guest',
    cancel: 'Cancel',
  },

  link: {
    label: 'Link',
    copy: 'Copy link',
    copied: 'Link copied',
    qrCode: 'QR code of the link',
  },

  devices: {
    title: 'Devices',
    add: 'Add a device',
    how: 'Scan the code with the other device, or open the link there. Don’t share it: it signs in as you.',
    valid: (time: string) => `Valid for ${time}, for one device.`,
    expired: 'This link has expired.',
    again: 'New link',
    done: 'Done',
    added: (name: string) => `Device added: ${isolate(name)}`,
    current: 'This device',
    addedOn: (day: string) => `Added ${day}`,
    lastUsed: (time: string) => `Last used ${time}`,
    signOut: 'Sign out',
    signOutDevice: (name: string) => `Sign out ${isolate(name)}`,
    question: (name: string) => `Sign out ${isolate(name)}? It can’t upload until it signs in again.`,
    confirm: 'Sign out device',
    signedOut: (name: string) => `${isolate(name)} is signed out.`,
    cancel: 'Cancel',
  },

  guestLinks: {
    title: 'Receive files',
    how: 'Let others send you files. They need no account, and see nothing of yours.',
    create: 'New link',
    name: 'Subject',
    recipient: 'Your name, as they see it',
    files: 'Files, at most',
    size: 'Total size, at most (GB)',
    days: 'Valid for (days)',
    go: 'Create link',
    cancel: 'Cancel',
    ready: 'Send this link to the people who should upload. It won’t be shown again.',
    done: 'Done',
    unnamed: 'Without subject',
    usage: (files: string, maxFiles: string, bytes: string, maxBytes: string) =>
      `${files} of ${maxFiles} files, ${bytes} of ${maxBytes}`,
    until: (day: string) => `Valid until ${day}`,
    remove: 'Delete',
    removeLink: (name: string) => `Delete the link ${isolate(name)}`,
    question: (name: string) => `Delete the link ${isolate(name)}? Files that have arrived stay.`,
    confirm: 'Delete link',
    removed: 'Link deleted.',
  },

  guest: {
    title: (name: string) => (name ? `Send files to ${isolate(name)}` : 'Send files'),
    left: (files: string, bytes: string) => `${files} and ${bytes} left`,
    files: count('{n} file', '{n} files'),
    until: (day: string) => `until ${day}`,
    privacy: 'Only the recipient can open what you send. The list shows the uploads of this browser.',
    full: 'This link takes no more files.',
    ended: 'This link has expired or was deleted.',
    askForLink: 'Ask the person who sent it for a new one.',
    // These replace the texts for users.
    instead: {
      signIn: {
        out: 'Leave',
        question: 'Keep your unfinished uploads in this browser? They continue when you open the link again.',
        keep: 'Keep and leave',
        delete: 'Delete and leave',
      },
      state: { signIn: 'This link no longer works' },
      forecast: { needs: { 'sign-in': 'Ask the recipient for a new link.' } },
      row: { signIn: 'Leave' },
      notifications: { signIn: 'The link for your upload no longer works' },
      errors: {
        no_token: 'This link no longer works. Ask for a new one.',
        unauthorized: 'This link no longer works. Ask for a new one.',
        token_expired: 'This link no longer works. Ask for a new one.',
        guest_limit: 'This link takes no more files. Ask the recipient for another one.',
        quota_full: 'The recipient has no more space. Let them know.',
        too_many_bytes: 'The recipient can’t take more at the moment. Try again later.',
        too_many_sessions: 'The recipient can’t take more at the moment. Try again later.',
      },
    },
  },

  add: {
    title: 'Add files',
    files: 'Choose files',
    folder: 'Choose folder',
    camera: 'Take a photo',
    hint: 'or drop or paste anywhere',
    drop: 'Drop to upload',
    reading: 'Reading files…',
    unreadable: count('Skipped {n} file that couldn’t be read.', 'Skipped {n} files that couldn’t be read.'),
  },

  share: {
    title: count('Shared with this app: {n} file', 'Shared with this app: {n} files'),
    check: 'Nothing is uploaded yet. Websites can send files here too: upload only what you shared yourself.',
    text: 'Text of the share:',
    sendText: 'Send this text as notes',
    discard: 'Discard',
    signIn: 'Sign in to upload.',
    nothing: 'The other app didn’t share a file.',
    full: 'Too much is waiting for your answer. Upload or discard it first, or choose the files here.',
    refused: 'Another website tried to add files. Nothing was added.',
    failed: 'Couldn’t save the shared file. Share it again or choose it here.',
  },

  form: {
    title: 'Upload details',
    type: 'Type',
    task: 'Task ID',
    profile: 'Profile ID',
    notes: 'Notes',
    profileRule: 'Profile ID must be a whole number',
    taskRule: 'Enter a task ID',
    types: { file: 'Files', zip: 'Zip', zip_no_qr: 'Zip without QR codes', images: 'Photos (one batch)' },
    about: {
      file: 'Each file is its own batch.',
      zip: 'Each archive is its own batch.',
      zip_no_qr: 'Each archive is its own batch. Task ID required.',
      images: 'All photos go in one batch. Task ID required.',
    },
  },

  review: {
    title: 'Check before uploading',
    duplicates: count('{n} file is already in your list.', '{n} files are already in your list.'),
    addAll: 'Upload all anyway',
    addNew: 'Skip duplicates',
    queue: count('Upload {n} photo', 'Upload {n} photos'),
    queueFiles: count('Upload {n} file', 'Upload {n} files'),
    discard: 'Cancel',
    total: (total: string, limit: string) => `${total} (limit ${limit})`,
    tooLarge: (over: string) => `${over} over the limit. Remove some photos.`,
    overLimit: (name: string, size: string, limit: string) =>
      `${isolate(name)} has ${size}; this server accepts at most ${limit}.`,
    noRoom: (free: string, needed: string) => `Not enough space: ${needed} needed, ${free} free.`,
    leaveOut: (name: string) => `Remove ${isolate(name)}`,
    more: count('and {n} more', 'and {n} more'),
  },

  queue: {
    title: 'Uploads',
    empty: 'No uploads yet',
    emptyHow: 'Files are saved in this browser first. Then you can close the tab.',
    steps: ['Choose or drop files', 'They’re saved in this browser', 'They upload, even if the connection drops'],
    reading: 'Loading uploads…',
    gone: 'This upload is no longer in your list.',
    noMatch: 'No matching uploads.',
    showAll: 'Show all',
    filter: 'Show',
    filters: { all: 'All', active: 'Uploading', waiting: 'Waiting', done: 'Uploaded', failed: 'Failed' },
    search: 'Search',
    sort: 'Sort by',
    sorts: { order: 'Upload order', name: 'Name', size: 'Size', newest: 'Newest first' },
    pauseAll: 'Pause all',
    resumeAll: 'Resume all',
    clear: 'Clear finished',
    summary: (uploaded: string, all: string) => `${uploaded} of ${all} uploaded`,
    complete: count('Upload complete', 'All {n} uploads complete'),
    stopped: count('{n} stopped', '{n} stopped'),
    stoppedFailed: (stopped: string, failed: string) => `${stopped}: ${failed}`,
    keys: 'Arrow keys: move · Enter: details · Space: pause or resume · Delete: cancel or remove · Alt + arrow keys: reorder',
  },

  state: {
    staging: (share: string) => `Preparing (${share})`,
    queued: 'Queued',
    uploading: 'Uploading',
    paused: 'Paused',
    completed: 'Uploaded',
    failed: 'Failed',
    cancelled: 'Cancelled',
    network: 'Waiting for connection',
    backoff: (time: string) => `Retrying in ${time}`,
    backoffNow: 'Retrying…',
    signIn: 'Sign in to continue',
    file: 'Interrupted. Choose the file again',
    unconfirmed: 'Possibly uploaded: no confirmation received',
    backgroundFetch: 'Uploading in the background',
  },

  problem: {
    causes: {
      network: 'Server unreachable',
      never_reached: 'Server unreachable',
      stalled: 'Connection stalled',
      gateway_error: 'Server unavailable',
      server_busy: 'Server busy',
      server_full: 'Server out of space',
      disk_full: 'Server out of space',
      storage_unavailable: 'Server unavailable',
      stopping: 'Server restarting',
      too_many_requests: 'Server busy',
      internal: 'Server error',
      bad_response: 'Unexpected response',
    },
    retry: (cause: string, time: string) => `${cause}, retrying in ${time}`,
    retryNow: (cause: string) => `${cause}, retrying…`,
    networkSignIn: 'Your network asks you to sign in',
    networkSignInHow: 'Your network asks you to sign in. Your files stay here and continue afterwards.',
    otherPage: 'Another page answers instead of the server. Your network may ask you to sign in.',
    signIn: 'Sign in to the network',
    neverReached: (host: string) =>
      `The server at ${isolate(host)} can’t be reached, or doesn’t allow this page. Ask its administrator.`,
  },

  // An empty text shows nothing.
  forecast: {
    staging: 'Keep this tab open until it’s saved.',
    needs: {
      'sign-in': 'Continues once you sign in.',
      'network-sign-in': 'Continues once you sign in to your network.',
      file: 'Choose the file again to continue.',
      unconfirmed: 'Sending again may create a duplicate.',
      resume: '',
      retry: 'Kept until you retry or remove it.',
      remove: 'Kept until you remove it.',
    },
    waiting: count('{n} upload needs your attention.', '{n} uploads need your attention.'),
    inBackground: count('{n} more is uploading in the background.', '{n} more are uploading in the background.'),
    networkSync: 'Safe to close. Resumes when you’re online.',
    networkVisit: 'Safe to close. Resumes when you reopen the app.',
    safe: 'Safe to close.',
    safeIn: (time: string) => `Safe to close. Done in about ${time}.`,
    partial: (time: string) => `If you close: about ${time} more, then it waits until you’re back.`,
    onAndOff: (within: string) => `If you close: continues on and off for ${within}, then waits until you’re back.`,
    unmeasured: (time: string) => `Safe to close for ${time}; then it waits until you’re back.`,
    retrying: (time: string) => `Safe to close. Retries for ${time}, then waits until you’re back.`,
  },

  backgroundFetch: {
    start: 'Continue in background',
    preparing: 'Preparing…',
    stop: 'Cancel',
    abort: 'Upload here instead',
    title: (name: string, others: number) =>
      others > 0 ? `Uploading ${isolate(name)} and ${others} more` : `Uploading ${isolate(name)}`,
    mode: 'Finish long uploads in the background',
    modes: { ask: 'Ask me', always: 'Always', never: 'Never' },
  },

  notifications: {
    uploaded: 'Uploaded',
    failed: 'Failed',
    signIn: 'Sign in to continue uploading',
  },

  row: {
    andMore: (first: string, others: string) => `${isolate(first)} and ${others} more`,
    sent: (sent: string, total: string) => `${sent} of ${total}`,
    left: (time: string) => `${time} left`,
    pause: 'Pause',
    resume: 'Resume',
    cancel: 'Cancel',
    remove: 'Remove',
    retry: 'Try again',
    sendAgain: 'Send again',
    chooseAgain: 'Choose file again',
    startOver: count('Start over with this file', 'Start over with these {n} files'),
    changed: (name: string) => `${isolate(name)} has changed. Its current version is uploaded.`,
    signIn: 'Sign in',
    freeStorage: 'Free up space',
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
    attempts: 'Failed attempts',
    lastError: 'Last error',
    session: 'Session',
    digest: 'SHA-256',
    digestLater: 'being calculated',
    notShown: 'This server doesn’t list uploaded files.',
    save: 'Download',
    files: 'Files',
    first: 'Move to top',
    up: 'Move up',
    down: 'Move down',
    copy: 'Copy log',
    copied: 'Log copied',
    copyRefused: 'Couldn’t copy: the browser blocked it.',
    removal: (day: string) => `Removed from this list on ${day}`,
  },

  map: {
    label: (done: string, all: string) => `${done} of ${all} parts uploaded`,
    perCell: count('1 square = {n} part', '1 square = {n} parts'),
    unstaged: 'Not ready',
    staged: 'Ready',
    inFlight: 'Uploading',
    retrying: 'Retrying',
    backgroundFetch: 'In background',
    acknowledged: 'Uploaded',
  },

  throughput: {
    title: 'Upload speed',
    now: 'Now',
    mean: 'Average',
    peak: 'Peak',
    retries: 'Retries',
    offline: 'Interruptions',
    chart: (minutes: string) => `Upload speed, last ${minutes}`,
  },

  status: {
    title: 'Settings',
    online: 'Online',
    offline: 'Offline. Files you add will upload later',
    offlineShort: 'Offline',
    stalled: 'Connection stalled',
    background: 'Background uploads',
    sync: 'Uploads continue after you close the tab and resume when you’re back online.',
    noSync: 'Uploads run while this page is open and resume when you reopen it.',
    storage: 'Storage',
    used: (used: string, quota: string) => `${used} of ${quota} used`,
    usedShort: (used: string) => `${used} on this device`,
    persisted: 'Protected from automatic clean-up.',
    notPersisted: 'The browser may delete unsent files if space runs low.',
    persist: 'Protect unsent files',
    persistRefused: 'The browser declined. Install the app to protect them.',
    full: 'Storage is almost full',
    wifiOnly: 'Upload on Wi-Fi only',
    cellularPaused: 'Paused: on mobile data',
    notify: 'Notify me when uploads finish',
    notifies: 'Notifications are on.',
    language: 'Language',
    install: 'Install app',
    installHow: 'Install to share files from other apps and protect unsent ones.',
    keyboard: 'Keyboard shortcuts',
  },

  announce: {
    one: (name: string, state: string) => `${isolate(name)}: ${state}`,
    added: count('{n} added', '{n} added'),
    uploaded: count('{n} uploaded', '{n} uploaded'),
    failed: count('{n} failed', '{n} failed'),
    waiting: count('{n} needs your attention', '{n} need your attention'),
    moved: (position: string, all: string) => `Moved to position ${position} of ${all}`,
  },

  update: {
    ready: 'A new version is ready.',
    whenIdle: 'Update after uploads',
    waiting: 'Updates when uploads finish.',
  },

  errors: errors as Readonly<Record<keyof typeof errors, ErrorText>>,
};

/** The texts that every language has. */
export type Catalogue = typeof en;
