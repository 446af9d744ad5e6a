import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { sizeLimit } from './build/size-limit.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The staff desk: a page of its own under /desk, whatever the address after it. */
export default defineConfig({
  root: at('./desk'),
  base: '/desk/',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: at('./dist/desk'),
    emptyOutDir: true,
    target: ['chrome111', 'edge111', 'firefox115', 'safari16.4'],
    // Nothing inlined as data: URLs or script, so that the Content-Security-Policy needs no exception.
    assetsInlineLimit: 0,
    modulePreload: false,
    // Names that stay: a page that is open during an update must still find its files.
    rollupOptions: {
      output: {
        entryFileNames: 'assets/desk.js',
        // What not everybody opens: the pages of appointments.
        chunkFileNames: 'assets/booking.js',
        assetFileNames: 'assets/[name][extname]',
      },
    },
  },
  plugins: [sizeLimit('assets/desk.js', 60_000), sizeLimit('assets/booking.js', 15_000)],
})
