import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Fails the build when a file outgrows its budget: every citizen's phone pays for it on every page. */
export function sizeLimit(fileName: string, maxGzippedBytes: number): Plugin {
  return {
    name: 'size-limit',
    apply: 'build',
    // Runs on the final bundle, after minification, so the number is what the browser downloads.
    writeBundle(_options, bundle) {
      const file = bundle[fileName]
      if (!file) throw new Error(`size-limit: ${fileName} was not built`)
      const source = file.type === 'chunk' ? file.code : file.source
      const size = gzipSync(source, { level: 9 }).length
      console.log(`${fileName}: ${size} bytes gzipped, limit ${maxGzippedBytes}`)
      if (size > maxGzippedBytes) throw new Error(`${fileName} is ${size - maxGzippedBytes} bytes over its limit`)
    },
  }
}
