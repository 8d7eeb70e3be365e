import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  // The message files are the ones that the command reads.
  server: { port: 1420, strictPort: true, fs: { allow: ['..'] } },
  // A data: address is not what the content security policy allows.
  build: { target: ['es2022', 'safari16'], assetsInlineLimit: 0, license: true },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'] },
});
