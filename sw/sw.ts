import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import { Engine } from './engine.ts';
import { isShare } from './share.ts';

declare const self: ServiceWorkerGlobalScope;

cleanupOutdatedCaches();
// The address a share or a shortcut leads to is the same page, offline too.
precacheAndRoute(self.__WB_MANIFEST, { ignoreURLParametersMatching: [/^(share|again|add|upload)$/] });

const engine = new Engine(self);

self.addEventListener('message', (event) => {
  event.waitUntil(engine.message(event.data));
});

self.addEventListener('fetch', (event) => {
  if (isShare(event.request)) event.respondWith(engine.share(event));
});

self.addEventListener('sync', (event) => {
  if (engine.isAlarm(event.tag)) event.waitUntil(engine.sync(event.tag));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(engine.activate());
});

for (const type of ['backgroundfetchsuccess', 'backgroundfetchfail', 'backgroundfetchabort'] as const) {
  self.addEventListener(type, (event) => {
    event.waitUntil(engine.carried(event.registration));
  });
}

self.addEventListener('backgroundfetchclick', (event) => {
  event.waitUntil(engine.looked(event.registration));
});

self.addEventListener('notificationclick', (event) => {
  event.waitUntil(engine.answered(event.notification, event.action));
});

self.addEventListener('notificationclose', (event) => {
  event.waitUntil(engine.dismissed());
});
