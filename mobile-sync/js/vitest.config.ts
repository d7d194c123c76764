/**
 * Unit tests lie beside the code; those in test/ talk to a running server, and fail if FETTLE_BIN names none. A day of
 * RxDB's takes five seconds, and much longer on a machine that is busy.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], environment: 'node', testTimeout: 180_000, hookTimeout: 120_000, restoreMocks: true },
});
