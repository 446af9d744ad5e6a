import type { Language } from './contract'
import type danish from './texts/da.json'

export type TextKey = keyof typeof danish

/** Filled in by build/compact-texts.ts: the files become lists in the order of these keys. */
declare const __TEXT_KEYS__: TextKey[]
const KEYS = __TEXT_KEYS__

/** Every file in texts/ is a language: adding one needs no change of code. */
const files = import.meta.glob<string[]>('./texts/*.json', { eager: true, import: 'default' })

export const TEXTS: ReadonlyMap<string, string[]> = new Map(
  Object.entries(files).map(([path, texts]) => [path.replace(/^.*\/|\.json$/g, ''), texts]),
)

/** For a language without texts: the most widely read first, then the source language. */
const FALLBACKS = ['en', 'da']

/** 'da-DK' and 'DA' are 'da' here: the guide does not tell regions apart. */
export function primaryCode(tag: string): string {
  return tag.trim().toLowerCase().split(/[-_]/)[0] ?? ''
}

/** The code whose texts are shown for a language. */
export function textCode(language: string): string {
  return [primaryCode(language), ...FALLBACKS].find((code) => TEXTS.has(code)) ?? [...TEXTS.keys()][0]!
}

/** The languages to offer while the server has not told: those with texts, named by the browser. */
export function knownLanguages(): Language[] {
  return [...TEXTS.keys()].map((code) => ({ code, name: nativeName(code), direction: guessDirection(code) }))
}

function nativeName(code: string): string {
  const name = new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1)
}

function guessDirection(code: string): 'ltr' | 'rtl' {
  // Not in every browser yet, hence not in TypeScript's library either.
  const locale = new Intl.Locale(code) as Intl.Locale & { getTextInfo?: () => { direction?: string } }
  return locale.getTextInfo?.().direction === 'rtl' ? 'rtl' : 'ltr'
}

/** The words and formats of one interface language. */
export class Words {
  /** The language asked for, and the one the texts are really in: they differ when texts are missing. */
  readonly language: string
  readonly code: string
  readonly direction: 'ltr' | 'rtl'
  readonly #texts: string[]

  constructor(language: string, languages: Language[]) {
    this.language = language
    this.code = textCode(language)
    this.direction = languages.find((l) => l.code === this.code)?.direction ?? guessDirection(this.code)
    this.#texts = TEXTS.get(this.code)!
  }

  say(key: TextKey, n?: number | string): string {
    const text = this.#texts[KEYS.indexOf(key)]!
    if (n === undefined) return text
    // A function: in a bare string `$` would have a meaning.
    return text.replace('{n}', () => (typeof n === 'number' ? n.toLocaleString(this.code) : n))
  }

  time(iso: string): string {
    return format(iso, this.code, { hour: '2-digit', minute: '2-digit' })
  }

  day(iso: string): string {
    return format(iso, this.code, { weekday: 'long', day: 'numeric', month: 'long' })
  }
}

/** Their language, but the clock and the order of day and month as in Denmark. */
function format(iso: string, code: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? '' : new Intl.DateTimeFormat(`${code}-DK`, options).format(date)
}
