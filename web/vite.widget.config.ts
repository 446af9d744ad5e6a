import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { compactTexts } from './build/compact-texts.ts'
import { sizeLimit } from './build/size-limit.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The widget: one classic script, so that a municipality embeds it with one tag and no import map. */
export default defineConfig({
  root: at('./widget'),
  publicDir: false,
  build: {
    outDir: at('./dist'),
    // This build runs first and clears dist; the other builds add to it.
    emptyOutDir: true,
    target: ['chrome111', 'edge111', 'firefox115', 'safari16.4'],
    lib: {
      entry: at('./widget/main.ts'),
      formats: ['iife'],
      name: 'BorgerGuide',
      fileName: () => 'widget.js',
    },
  },
  // What the widget speaks when the network is away; the other languages are loaded when somebody wants them.
  plugins: [compactTexts(['da', 'en']), sizeLimit('widget.js', 25_000)],
})
