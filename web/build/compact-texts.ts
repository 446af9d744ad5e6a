import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Plugin } from 'vite'

/** The source language: its file says which keys there are, and in which order. */
const SOURCE = new URL('../widget/texts/da.json', import.meta.url)

/**
 * Makes each texts/<lang>.json a module. A language in `bundled` is there as a bare list of sentences, in the
 * order of the source file; the keys are in the bundle once, as __TEXT_KEYS__. Any other becomes a file of its
 * own, texts/<lang>.json beside the widget, and its module is only the address of that file: eight languages
 * would be a third of the widget, and nobody reads more than one or two.
 *
 * The address ends in ?v=<digest>, not the name: a widget.js that a browser has kept over an update must still
 * find the texts, and the keys in them let it read newer ones than its own.
 *
 * A missing or unknown key stops the build, so that no citizen ever reads `undefined`.
 */
export function compactTexts(bundled: readonly string[]): Plugin {
  const keys = Object.keys(JSON.parse(readFileSync(SOURCE, 'utf8')) as Record<string, string>)
  let building = false
  return {
    name: 'compact-texts',
    // Before Vite's own JSON plugin, which then turns the list or the address into a module.
    enforce: 'pre',
    config: (_config, { command }) => {
      building = command === 'build'
      return { define: { __TEXT_KEYS__: JSON.stringify(keys) } }
    },
    transform(code, id) {
      if (!/\/widget\/texts\/[^/]+\.json$/.test(id)) return null
      const texts = JSON.parse(code) as Record<string, unknown>
      const missing = keys.filter((key) => typeof texts[key] !== 'string' || texts[key] === '')
      const unknown = Object.keys(texts).filter((key) => !keys.includes(key))
      if (missing.length || unknown.length) {
        throw new Error(`${basename(id)}: missing ${missing.join(', ') || 'none'}; unknown ${unknown.join(', ') || 'none'}`)
      }
      if (bundled.includes(basename(id, '.json'))) {
        return { code: JSON.stringify(keys.map((key) => texts[key])), map: null }
      }
      const fileName = `texts/${basename(id)}`
      const source = JSON.stringify(texts)
      if (building) this.emitFile({ type: 'asset', fileName, source })
      const digest = createHash('sha256').update(source).digest('hex').slice(0, 8)
      return { code: JSON.stringify(`${fileName}?v=${digest}`), map: null }
    },
  }
}
