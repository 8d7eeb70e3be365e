import { defineConfig } from '@playwright/test';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A port that nobody has, so that several runs can go on beside each other; the workers are told of
 *  the first's. */
async function free(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const port = (process.env['LICHNA_PREVIEW_PORT'] ??= String(await free()));
const preview = `http://localhost:${port}`;

export default defineConfig({
  testDir: 'tests',
  timeout: 60_000,
  reporter: 'list',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  snapshotPathTemplate: '{testDir}/pictures/{arg}{ext}',
  expect: {
    // So little that a shade, a line's place or a missing dot is seen; what differs between two
    // machines with the same fonts is less.
    toHaveScreenshot: { scale: 'device', threshold: 0.015, maxDiffPixels: 24 },
  },
  use: {
    baseURL: preview,
    locale: 'bg-BG',
    timezoneId: 'UTC',
    // Half as large is enough for a comparison, and a quarter in the repository.
    deviceScaleFactor: 0.5,
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // Letters are drawn alike whatever the desktop's settings are.
        '--font-render-hinting=none',
        '--disable-lcd-text',
        '--disable-font-subpixel-positioning',
        '--force-color-profile=srgb',
      ],
    },
  },
  webServer: {
    command: `npx vite preview --port ${port} --strictPort`,
    url: preview,
    reuseExistingServer: false,
  },
});
