// What the library costs a page: minified and packed, with `idb` and the like, without RxDB and WatermelonDB themselves.
// `npm run size -- 12` fails if the library is larger than 12 KB (of 1,000 bytes).
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const most = Number(process.argv[2] ?? Infinity);
const input = { index: 'src/index.ts', rxdb: 'src/rxdb.ts', watermelondb: 'src/watermelondb.ts' };

for (const [name, entry] of Object.entries(input)) {
  const built = await build({
    configFile: false, logLevel: 'error',
    build: { write: false, target: 'es2022', minify: true, lib: { entry, formats: ['es'] }, rolldownOptions: { external: [/^rxdb/, /^rxjs/, /^@nozbe\//] } },
  });
  const chunks = [built].flat().flatMap(({ output }) => output).filter((part) => part.type === 'chunk');
  const bytes = chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  console.log(`${name.padEnd(14)}${(bytes / 1_000).toFixed(1).padStart(6)} KB gzip`);
  if (name === 'index' && bytes > most * 1_000) {
    console.error(`the library is larger than ${most} KB`);
    process.exitCode = 1;
  }
}
