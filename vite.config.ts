import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_ARGS, findChromium } from './test/fixtures/chromium.ts';

const root = import.meta.dirname;

const icon = (src: string, sizes: string, purpose: string) => ({ src, sizes, type: 'image/png', purpose });
const screenshot = (name: 'wide' | 'narrow', sizes: string) => ({
  src: `/screenshot-${name}.png`,
  sizes,
  type: 'image/png',
  form_factor: name,
  label: 'The queue',
});
const manifest = {
  id: '/',
  name: 'Parallel Chunk Uploader',
  short_name: 'Uploader',
  description: 'Gets big files to a server over bad links, and goes on with the tab closed.',
  lang: 'en',
  dir: 'ltr' as const,
  start_url: '/',
  scope: '/',
  display: 'standalone' as const,
  display_override: ['standalone' as const, 'minimal-ui' as const],
  background_color: '#f3f5f8',
  theme_color: '#ffffff',
  categories: ['productivity', 'utilities'],
  // Told in the page, not navigated to: leaving the page would cut off what is being copied.
  launch_handler: { client_mode: ['focus-existing' as const, 'auto' as const] },
  icons: [
    icon('/icon-192.png', '192x192', 'any'),
    icon('/icon-512.png', '512x512', 'any'),
    icon('/icon-maskable-512.png', '512x512', 'maskable'),
  ],
  // Made from the real app by `npm run screenshots`.
  screenshots: [screenshot('wide', '1280x800'), screenshot('narrow', '390x844')],
  shortcuts: [{ name: 'Add files', url: '/?add', icons: [icon('/icon-192.png', '192x192', 'any')] }],
  // Answered by the worker: the files are staged without a page.
  share_target: {
    action: '/share',
    method: 'POST' as const,
    enctype: 'multipart/form-data',
    params: { title: 'title', text: 'text', url: 'url', files: [{ name: 'files', accept: ['*/*'] }] },
  },
  file_handlers: [
    {
      action: '/',
      accept: {
        'application/zip': ['.zip'],
        'image/jpeg': ['.jpg', '.jpeg'],
        'image/png': ['.png'],
        'image/tiff': ['.tif', '.tiff'],
        'application/pdf': ['.pdf'],
        'video/mp4': ['.mp4'],
        'video/quicktime': ['.mov'],
      },
    },
  ],
};

const pwa = VitePWA({
  strategies: 'injectManifest',
  srcDir: '../sw',
  filename: 'sw.ts',
  registerType: 'prompt',
  // The page registers it itself, with workbox-window.
  injectRegister: false,
  manifest,
  // The glob below finds them already.
  includeManifestIcons: false,
  injectManifest: {
    rollupFormat: 'iife',
    globPatterns: ['**/*.{js,css,html,svg,png}'],
    // Shown before the app is installed, by the browser, which fetches them itself.
    globIgnores: ['screenshot-*.png'],
  },
  devOptions: { enabled: true, type: 'module' },
});

/** A build needs no browser: where there is none, only the tests that need it say so (`require-chromium.ts`). */
function chromiumIfThere(): { executablePath?: string } {
  try {
    return { executablePath: findChromium() };
  } catch {
    return {};
  }
}

export default defineConfig({
  root: join(root, 'src'),
  publicDir: join(root, 'public'),
  // Otherwise it would make a node_modules in src.
  cacheDir: join(root, 'node_modules/.vite'),
  build: { outDir: join(root, 'dist'), emptyOutDir: true, target: 'es2022' },
  plugins: process.env.VITEST ? [] : [pwa],
  server: {
    proxy: { '/api': `http://127.0.0.1:${process.env.DEV_API_PORT ?? 4174}` },
    // The worker lies beside Vite's root. Named one by one, so that nothing else of the checkout is served.
    fs: { allow: ['src', 'sw', 'node_modules'].map((folder) => join(root, folder)) },
  },
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          root,
          include: ['test/unit/**/*.test.ts'],
          // Servers on real disks are waited for, however busy the machine is.
          testTimeout: 30_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        test: {
          // Each starts processes of its own, which takes longer than a quick check should.
          name: 'faults',
          root,
          include: ['test/faults/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        test: {
          name: 'browser',
          root,
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/fixtures/require-chromium.ts'],
          // A real database is waited for too.
          testTimeout: 30_000,
          expect: { poll: { timeout: 20_000 } },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...chromiumIfThere(), args: CHROMIUM_ARGS } }),
            instances: [{ browser: 'chromium' as const }],
          },
        },
      },
      {
        test: {
          name: 'e2e',
          root,
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/fixtures/require-chromium.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'engines',
          root,
          include: ['test/engines/**/*.test.ts'],
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
