import { defineConfig } from 'vitest/config'
import { compactTexts } from './build/compact-texts.ts'

export default defineConfig({
  plugins: [compactTexts(['da', 'en'])],
  test: { include: ['*/tests/**/*.test.ts'], environment: 'jsdom' },
})
