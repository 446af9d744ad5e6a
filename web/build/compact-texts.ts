import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Plugin } from 'vite'

/** The source language: its file says which keys there are, and in which order. */
const SOURCE = new URL('../widget/texts/da.json', import.meta.url)

/**
 * Bundles each texts/<lang>.json as a bare list of sentences, in the order of the source file; the keys are
 * in the bundle once, as __TEXT_KEYS__. With eight languages the repeated keys would be a tenth of the widget.
 * A missing or unknown key stops the build, so that no citizen ever reads `undefined`.
 */
export function compactTexts(): Plugin {
  const keys = Object.keys(JSON.parse(readFileSync(SOURCE, 'utf8')) as Record<string, string>)
  return {
    name: 'compact-texts',
    // Before Vite's own JSON plugin, which then turns the list into a module.
    enforce: 'pre',
    config: () => ({ define: { __TEXT_KEYS__: JSON.stringify(keys) } }),
    transform(code, id) {
      if (!/\/widget\/texts\/[^/]+\.json$/.test(id)) return null
      const texts = JSON.parse(code) as Record<string, unknown>
      const missing = keys.filter((key) => typeof texts[key] !== 'string' || texts[key] === '')
      const unknown = Object.keys(texts).filter((key) => !keys.includes(key))
      if (missing.length || unknown.length) {
        throw new Error(`${basename(id)}: missing ${missing.join(', ') || 'none'}; unknown ${unknown.join(', ') || 'none'}`)
      }
      return { code: JSON.stringify(keys.map((key) => texts[key])), map: null }
    },
  }
}
