/**
 * Five pages into one folder: the console (index.html), the warehouse, the customer's and the record's by one build, the
 * phone by another (`--mode phone`), so that it carries nothing that only the office needs. MapLibre is a chunk of its
 * own that the console asks for after its first paint.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { firstLoad } from './build/first-load.ts';
import { phoneFiles } from './build/phone-files.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const backend = process.env['FETTLE_URL'] ?? 'http://127.0.0.1:8080';

const office = {
  index: here('./index.html'), warehouse: here('./warehouse.html'), confirm: here('./confirm.html'), record: here('./record.html'),
};

export default defineConfig(({ mode }) => ({
  plugins: [
    svelte(),
    ...(mode === 'phone' ? [firstLoad({ phone: 90_000 }), phoneFiles(here('.'))] : [firstLoad({ index: 150_000, warehouse: 160_000 })]),
  ],
  resolve: {
    alias: { $shared: here('./shared'), $sync: here('../mobile-sync/js/src/index.ts') },
    // The phone's library lies outside of this folder and is compiled from its sources: with our packages, not its own.
    dedupe: ['idb'],
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: mode !== 'phone',
    copyPublicDir: mode !== 'phone',
    assetsDir: 'assets',
    // MapLibre alone is about a megabyte; it is lazy, so the warning would only teach us to ignore warnings.
    chunkSizeWarningLimit: 1400,
    rolldownOptions: {
      input: mode === 'phone' ? { phone: here('./phone.html') } : office,
    },
  },
  server: {
    fs: { allow: [here('.'), here('../mobile-sync/js/src')] },
    proxy: Object.fromEntries(['/api', '/sync', '/tiles'].map((path) => [path, backend])),
  },
  // A test that loads modules anew compiles them first, which takes seconds on a machine that is busy.
  test: { include: ['**/*.test.ts'], exclude: ['node_modules', 'dist', 'test/browser'], environment: 'node', testTimeout: 30_000, hookTimeout: 30_000 },
}));
