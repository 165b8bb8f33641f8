import { testMinimalServers, UPLOAD_FEATURES } from '../../page-objects/minimal-server-scene.ts';

testMinimalServers([
  { title: 'the basic level', features: [] },
  { title: 'a key alone', features: ['idempotency_key'] },
  { title: 'everything but a key', features: UPLOAD_FEATURES.slice(1) },
  {
    title: 'everything but the start without an id',
    features: UPLOAD_FEATURES.filter((feature) => feature !== 'parallel_start'),
  },
  { title: 'everything', features: UPLOAD_FEATURES },
]);
