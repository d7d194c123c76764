/** Unit tests lie beside the code; those in test/ talk to a running server, and fail if FETTLE_BIN names none. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], environment: 'node', testTimeout: 60_000, hookTimeout: 60_000, restoreMocks: true },
});
