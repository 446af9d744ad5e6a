import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The demonstration city page. It loads /widget.js like any other site would: as a finished file. */
export default defineConfig({
  root: at('./city'),
  // favicon.ico: browsers ask for it on every page of the gateway, also on those that are not ours.
  publicDir: at('./city/public'),
  build: {
    outDir: at('./dist'),
    emptyOutDir: false,
    // Nothing inlined as data: URLs, so that a strict Content-Security-Policy needs no exception.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
})
