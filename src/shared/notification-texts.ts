/** The words of notifications, in the user's language. */
export interface NotificationTexts {
  /** The title of a notification about several uploads. */
  readonly title: string;
  /** Stands alone below the name of one upload, or before a number: "Uploaded: 3". */
  readonly uploaded: string;
  readonly failed: string;
  readonly signIn: string;
  /** On a button. */
  readonly retry: string;
  /** URL of a picture. */
  readonly icon?: string;
}

/** Used until a page stores others. */
export const ENGLISH_NOTIFICATION_TEXTS: NotificationTexts = {
  title: 'Uploads',
  uploaded: 'Uploaded',
  failed: 'Failed',
  signIn: 'Waiting for sign-in',
  retry: 'Try again',
};
