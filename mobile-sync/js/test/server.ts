/** The real server on a fresh SQLite file, for one file of tests, with an administrator who can log in. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const START_MS = 60_000;
export const ADMIN = { login: 'root', password: 'correct horse battery' };

export interface Server {
  url: string;
  /** Keeps a copy of the database as it is now. */
  backup(): Promise<void>;
  /** Puts that copy back, as an operator would, and begins a new epoch. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Settings are the test's own: what the machine says about databases and ports is none of its business. */
const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FETTLE_')));

export async function startServer(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'fettle-sync-'));
  const file = join(folder, 'fettle.db');
  run(folder, ['admin', 'create', ADMIN.login, '--name', 'Root'], `${ADMIN.password}\n`);
  let running = await serve(folder, '0');
  const { url } = running;
  const meanwhile = async (work: () => void) => {
    await running.stop();
    work();
    running = await serve(folder, new URL(url).port);
  };
  return {
    url,
    backup: () => meanwhile(() => copyFileSync(file, `${file}.backup`)),
    restore: () => meanwhile(() => {
      for (const rest of ['-wal', '-shm']) rmSync(`${file}${rest}`, { force: true });
      copyFileSync(`${file}.backup`, file);
      run(folder, ['epoch', 'new']);
    }),
    close: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function binary(): string {
  const path = process.env['FETTLE_BIN'];
  if (!path) throw new Error('FETTLE_BIN names no server: build `fettle` and set it to the path of the binary.');
  return path;
}

const database = (folder: string) => ['--database-url', join(folder, 'fettle.db')];

function run(folder: string, words: string[], input = ''): void {
  const done = spawnSync(binary(), [...words, ...database(folder)], { cwd: folder, env: environment(), input, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${words.join(' ')}: ${done.stdout}${done.stderr}`);
}

async function serve(folder: string, port: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(binary(), ['serve', '--port', port, ...database(folder)], { cwd: folder, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
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
  const gone = new Promise((resolve) => child.once('exit', resolve));
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
