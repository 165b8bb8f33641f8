import { openUploadClient, type UploadClient } from '../page/index.ts';
import { refresh } from './session.ts';
import { readSettings } from './settings.ts';
import { onLanguage, words } from './words/catalogue.ts';
import { title } from './words/say.ts';

const ICON = '/icon-192.png';

/** The client as this app wants it, with the beginning of its list: of the server that served it, unless a developer has set another. */
export async function startClient(): Promise<UploadClient> {
  const { options } = readSettings();
  const isOwn = options.endpoint === undefined;
  const worker = import.meta.env.DEV ? { workerUrl: '/dev-sw.js?dev-sw', workerType: 'module' as const } : {};
  const client = await openUploadClient({
    ...(isOwn && { refreshEndpoint: '/api/auth/refresh', getAccessToken: refresh }),
    carrierLook: ([first, ...others]) => ({
      title: first ? words().carrier.title(title(first), others.length) : words().name,
      icons: [{ src: ICON, sizes: '192x192', type: 'image/png' }],
    }),
    tidings: tidings(),
    ...worker,
    ...options,
  });
  // A client that is closed has nobody to tell.
  onLanguage(() => void client.speak(tidings()).catch(() => undefined));
  return client;
}

function tidings() {
  return { title: words().name, ...words().tidings, retry: words().row.retry, icon: ICON };
}
