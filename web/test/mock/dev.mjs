// `npm run dev`: Vite in front of a real server (FETTLE_URL) or, without one, of the stand-in.
import { createServer } from 'vite';
import { startMock } from './server.mjs';

if (!process.env.FETTLE_URL) {
  const mock = await startMock({ speed: 20 });
  process.env.FETTLE_URL = mock.url;
  console.log(`No FETTLE_URL: showing invented data from ${mock.url} (log in as dispatch, store, maria or admin, password "demo").`);
}
const vite = await createServer({ root: new URL('../..', import.meta.url).pathname });
await vite.listen();
vite.printUrls();
