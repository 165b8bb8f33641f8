/** What the worker says while no page is open, in the user's language. */
export interface NotificationTexts {
  /** Whose tidings these are, where they are of several uploads. */
  readonly title: string;
  /** Each alone under the name of one upload, or before a number: "Arrived: 3". */
  readonly uploaded: string;
  readonly failed: string;
  readonly signIn: string;
  /** On a button. */
  readonly retry: string;
  /** URL of a picture. */
  readonly icon?: string;
}

/** Until a page has given others. */
export const ENGLISH_NOTIFICATION_TEXTS: NotificationTexts = {
  title: 'Uploads',
  uploaded: 'Arrived',
  failed: 'Failed',
  signIn: 'Waits for you to sign in',
  retry: 'Try again',
};
