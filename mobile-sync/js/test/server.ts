/** The real server on a fresh SQLite file, for one file of tests, with an administrator who can log in. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const START_MS = 30_000;
export const ADMIN = { login: 'root', password: 'correct horse battery' };

export interface Server {
  url: string;
  close(): Promise<void>;
}

/** Settings are the test's own: what the machine says about databases and ports is none of its business. */
const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FETTLE_')));

export async function startServer(): Promise<Server> {
  const binary = process.env['FETTLE_BIN'];
  if (!binary) throw new Error('FETTLE_BIN names no server: build `fettle` and set it to the path of the binary.');
  const folder = mkdtempSync(join(tmpdir(), 'fettle-sync-'));
  const database = ['--database-url', join(folder, 'fettle.db')];
  const options = { cwd: folder, env: environment() };
  const made = spawnSync(binary, ['admin', 'create', ADMIN.login, '--name', 'Root', ...database], { ...options, input: `${ADMIN.password}\n`, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`admin create: ${made.stdout}${made.stderr}`);
  const child = spawn(binary, ['serve', '--port', '0', ...database], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the server named no address:\n${said.join('\n')}`)), START_MS);
    const read = (line: string) => {
      said.push(line);
      const found = /https?:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(line);
      if (!found || found[1] === '0') return;
      clearTimeout(late);
      resolve(found[0]);
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said.join('\n')}`)));
  });
  return {
    url,
    close: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
