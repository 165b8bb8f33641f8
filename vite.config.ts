import { join } from 'node:path';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { MAX_WORKERS, projects } from './test/vitest-projects.ts';

const root = import.meta.dirname;

/** The path of the dev server. The built app works under any path. */
const devBase = new URL('./', process.env.PUBLIC_URL?.replace(/\/?$/, '/') ?? 'http://localhost/').pathname;

const icon = (src: string, sizes: string, purpose: string) => ({ src, sizes, type: 'image/png', purpose });
const screenshot = (name: 'wide' | 'narrow', sizes: string) => ({
  src: `screenshot-${name}.png`,
  sizes,
  type: 'image/png',
  form_factor: name,
  label: 'The queue',
});
// All URLs are relative to the manifest. Without an id, the start URL identifies the app.
const manifest = {
  name: 'Parallel Chunk Uploader',
  short_name: 'Uploader',
  description: 'Uploads large files over unreliable links, also with the tab closed.',
  lang: 'en',
  dir: 'ltr' as const,
  start_url: './',
  scope: './',
  display: 'standalone' as const,
  display_override: ['standalone' as const, 'minimal-ui' as const],
  background_color: '#f3f5f8',
  theme_color: '#ffffff',
  categories: ['productivity', 'utilities'],
  // Delivered to the open page instead of a navigation, which would interrupt staging.
  launch_handler: { client_mode: ['focus-existing' as const, 'auto' as const] },
  icons: [
    icon('icon-192.png', '192x192', 'any'),
    icon('icon-512.png', '512x512', 'any'),
    icon('icon-maskable-512.png', '512x512', 'maskable'),
  ],
  // Taken from the real app by `npm run screenshots`.
  screenshots: [screenshot('wide', '1280x800'), screenshot('narrow', '390x844')],
  shortcuts: [{ name: 'Add files', url: './?add', icons: [icon('icon-192.png', '192x192', 'any')] }],
  // Handled by the worker, which stages the files without a page.
  share_target: {
    action: 'share',
    method: 'POST' as const,
    enctype: 'multipart/form-data',
    params: { title: 'title', text: 'text', url: 'url', files: [{ name: 'files', accept: ['*/*'] }] },
  },
  file_handlers: [
    {
      action: './',
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
  // The page registers the worker with workbox-window.
  injectRegister: false,
  manifest,
  // The glob below finds the icons.
  includeManifestIcons: false,
  injectManifest: {
    rollupFormat: 'iife',
    globPatterns: ['**/*.{js,css,html,svg,png}'],
    // The browser fetches them before the app is installed.
    globIgnores: ['screenshot-*.png'],
  },
  devOptions: { enabled: true, type: 'module' },
});

/**
 * One chunk for the first paint: split along the lazy parts, it would compress worse and need more
 * requests.
 */
const firstPaint = { name: 'app', tags: ['$initial' as const] };

export default defineConfig(({ command }) => ({
  base: command === 'serve' ? devBase : './',
  root: join(root, 'src'),
  publicDir: join(root, 'public'),
  // Otherwise Vite would create a node_modules folder in src.
  cacheDir: join(root, 'node_modules/.vite'),
  build: {
    outDir: join(root, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: { output: { codeSplitting: { groups: [firstPaint] } } },
  },
  plugins: process.env.VITEST ? [] : [pwa],
  server: {
    proxy: { [`${devBase}api`]: `http://127.0.0.1:${process.env.DEV_API_PORT ?? 4174}` },
    // The worker is outside the root of Vite. Folders are listed one by one, so that nothing else
    // of the checkout is served.
    fs: { allow: ['src', 'sw', 'node_modules'].map((folder) => join(root, folder)) },
  },
  test: { projects, maxWorkers: MAX_WORKERS },
}));
