import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import { isShareRequest } from './background/share.ts';
import { Engine } from './engine.ts';

declare const self: ServiceWorkerGlobalScope;

cleanupOutdatedCaches();
// The URLs of shares, shortcuts and deep links show the same page, offline too.
precacheAndRoute(self.__WB_MANIFEST, { ignoreURLParametersMatching: [/^(share|add|upload)$/] });

const engine = new Engine(self);

self.addEventListener('message', (event) => {
  event.waitUntil(engine.onMessage(event.data));
});

self.addEventListener('fetch', (event) => {
  if (isShareRequest(event.request, self.registration.scope)) event.respondWith(engine.onShare(event));
});

self.addEventListener('sync', (event) => {
  if (engine.ownsSync(event.tag)) event.waitUntil(engine.onSync(event.tag));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(engine.onActivate());
});

for (const type of ['backgroundfetchsuccess', 'backgroundfetchfail', 'backgroundfetchabort'] as const) {
  self.addEventListener(type, (event) => {
    event.waitUntil(engine.onBackgroundFetchDone(event.registration));
  });
}

self.addEventListener('backgroundfetchclick', (event) => {
  event.waitUntil(engine.onBackgroundFetchClick(event.registration));
});

self.addEventListener('notificationclick', (event) => {
  event.waitUntil(engine.onNotificationClick(event.notification, event.action));
});

self.addEventListener('notificationclose', (event) => {
  event.waitUntil(engine.onNotificationClose());
});
