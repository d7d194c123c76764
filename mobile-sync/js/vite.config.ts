/** The built package: three ways in, with what it depends on left to the app that takes it. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const source = (name: string) => fileURLToPath(new URL(`./src/${name}.ts`, import.meta.url));

export default defineConfig({
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    lib: { entry: { index: source('index'), rxdb: source('rxdb'), watermelondb: source('watermelondb') }, formats: ['es'] },
    rolldownOptions: { external: [/^idb/, /^@noble\//, /^rxdb/, /^rxjs/, /^@nozbe\//] },
  },
});
