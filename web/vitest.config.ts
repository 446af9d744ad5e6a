import { defineConfig } from 'vitest/config'
import { compactTexts } from './build/compact-texts.ts'

export default defineConfig({
  plugins: [compactTexts()],
  test: { include: ['*/tests/**/*.test.ts'], environment: 'jsdom' },
})
