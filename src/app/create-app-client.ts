import { openUploadClient, type UploadClient } from '../page/index.ts';
import { refreshCredentials } from './auth/auth-api.ts';
import { onLanguageChange, strings } from './i18n/catalogue.ts';
import { describeTitle } from './i18n/describe.ts';
import { readSettings } from './state/settings.ts';

const ICON = '/icon-192.png';

/** The client as this app wants it, with the beginning of its list: of the server that served it, unless a developer has set another. */
export async function createAppClient(): Promise<UploadClient> {
  const { options } = readSettings();
  const isOwn = options.endpoint === undefined;
  const worker = import.meta.env.DEV ? { workerUrl: '/dev-sw.js?dev-sw', workerType: 'module' as const } : {};
  const client = await openUploadClient({
    ...(isOwn && { refreshEndpoint: '/api/auth/refresh', getCredentials: refreshCredentials }),
    backgroundFetchUi: ([first, ...others]) => ({
      title: first ? strings().carrier.title(describeTitle(first), others.length) : strings().name,
      icons: [{ src: ICON, sizes: '192x192', type: 'image/png' }],
    }),
    notificationTexts: tidings(),
    ...worker,
    ...options,
  });
  // A client that is closed has nobody to tell.
  onLanguageChange(() => void client.setNotificationTexts(tidings()).catch(() => undefined));
  return client;
}

function tidings() {
  return { title: strings().name, ...strings().tidings, retry: strings().row.retry, icon: ICON };
}
