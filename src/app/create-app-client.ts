import { openUploadClient, type UploadClient } from '../page/index.ts';
import { renewCredentials } from './auth/provider-access.ts';
import { readGuestToken } from './guest/guest-token.ts';
import { onLanguageChange, strings } from './i18n/catalogue.ts';
import { describeTitle } from './i18n/describe.ts';
import { readDeveloperSettings } from './state/developer-settings.ts';
import { API, BASE } from './urls.ts';

const ICON = `${BASE}icon-192.png`;

/**
 * Opens the client of this app: for the server of this origin, as a user or a guest, or for the one
 * that a developer set.
 */
export async function createAppClient(): Promise<UploadClient> {
  const { options } = readDeveloperSettings();
  const isOwnServer = options.endpoint === undefined;
  const isGuest = readGuestToken() !== null;
  const worker = import.meta.env.DEV
    ? { workerUrl: `${BASE}dev-sw.js?dev-sw`, workerType: 'module' as const }
    : { workerUrl: `${BASE}sw.js` };
  const client = await openUploadClient({
    endpoint: isGuest ? `${API}/guest` : API,
    ...(isOwnServer && !isGuest && { refreshEndpoint: `${API}/auth/refresh`, getCredentials: renewCredentials }),
    backgroundFetchUi: ([first, ...others]) => ({
      title: first ? strings().backgroundFetch.title(describeTitle(first), others.length) : strings().name,
      icons: [{ src: ICON, sizes: '192x192', type: 'image/png' }],
    }),
    notificationTexts: getNotificationTexts(),
    ...worker,
    ...options,
  });
  // A closed client rejects.
  onLanguageChange(() => void client.setNotificationTexts(getNotificationTexts()).catch(() => undefined));
  return client;
}

function getNotificationTexts() {
  return { title: strings().name, ...strings().notifications, retry: strings().row.retry, icon: ICON };
}
