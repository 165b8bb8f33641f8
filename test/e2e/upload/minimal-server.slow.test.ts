import fc from 'fast-check';
import { testMinimalServers, UPLOAD_FEATURES } from '../../page-objects/minimal-server-scene.ts';

const SEED = 1612;
const SUBSETS = 12;

const [key = '', ...others] = UPLOAD_FEATURES;
const samples = fc.sample(fc.subarray([...UPLOAD_FEATURES], { minLength: 3 }), { seed: SEED, numRuns: SUBSETS });

testMinimalServers([
  ...others.map((feature) => ({ title: `${feature} alone`, features: [feature] })),
  ...others.map((feature) => ({ title: `a key and ${feature}`, features: [key, feature] })),
  ...others.map((missing) => ({
    title: `everything but ${missing}`,
    features: UPLOAD_FEATURES.filter((feature) => feature !== missing),
  })),
  ...samples.map((features, n) => ({ title: `random subset ${n + 1}`, features })),
]);
