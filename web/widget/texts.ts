import type { Language } from './contract'
import type danish from './texts/da.json'

export type TextKey = keyof typeof danish
export type Direction = Language['direction']

/** Filled in by build/compact-texts.ts: the files become lists in the order of these keys. */
declare const __TEXT_KEYS__: TextKey[]
const KEYS = __TEXT_KEYS__

/**
 * Every file in texts/ is a language: adding one needs no change of code. The build has put the sentences of some
 * into the bundle; of the others there is the address, below the gateway.
 */
const files = new Map(
  Object.entries(import.meta.glob<string[] | string>('./texts/*.json', { eager: true, import: 'default' })).map(
    ([path, file]) => [path.replace(/^.*\/|\.json$/g, ''), file],
  ),
)

/** The sentences that are here: those in the bundle, and what was loaded since. */
const TEXTS = new Map([...files].filter((entry): entry is [string, string[]] => Array.isArray(entry[1])))

/** For a language without texts, or until they are here: the most widely read first, then the source language. */
const FALLBACKS = ['en', 'da']

/** Letters written from right to left: Hebrew, Arabic and their neighbours, with the forms for print. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

/** 'da-DK' and 'DA' are 'da' here: the guide does not tell regions apart. */
export function primaryCode(tag: string): string {
  return tag.trim().toLowerCase().split(/[-_]/)[0] ?? ''
}

/** The code whose texts are shown for a language. */
export function textCode(language: string): string {
  return [primaryCode(language), ...FALLBACKS].find((code) => TEXTS.has(code)) ?? [...TEXTS.keys()][0]!
}

/** Where the texts of a language are to be had, if there are any and they are not here. */
export function addressOf(code: string): string | null {
  const file = files.get(code)
  return typeof file === 'string' && !TEXTS.has(code) ? file : null
}

/** Takes in texts that were loaded. False when they are none: a proxy's error page, or a store that was tampered with. */
export function learn(code: string, texts: unknown): texts is Record<string, string> {
  const said = (texts ?? {}) as Partial<Record<TextKey, unknown>>
  if (typeof said.title !== 'string') return false
  const other = TEXTS.get(textCode(code))!
  // The file may be of an older or newer version than this script: what it lacks is said in English.
  TEXTS.set(code, KEYS.map((key, index) => (typeof said[key] === 'string' ? said[key] : other[index]!)))
  return true
}

/** The languages to offer while the server has not told: those with texts, named by the browser. */
export function knownLanguages(): Language[] {
  return [...files.keys()].map((code) => ({ code, name: nativeName(code), direction: guessDirection(code) }))
}

function nativeName(code: string): string {
  const name = new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1)
}

/** As its own name is written. Browsers that know the direction of a language are few. */
function guessDirection(code: string): Direction {
  return RIGHT_TO_LEFT.test(nativeName(code)) ? 'rtl' : 'ltr'
}

/** The words and formats of one interface language. */
export class Words {
  /** The language asked for, and the one the texts are really in: they differ while texts are missing. */
  readonly language: string
  readonly code: string
  readonly direction: Direction
  readonly #languages: Language[]
  readonly #texts: string[]

  constructor(language: string, languages: Language[]) {
    this.language = language
    this.code = textCode(language)
    this.#languages = languages
    this.direction = this.#directionOf(this.code)
    this.#texts = TEXTS.get(this.code)!
  }

  say(key: TextKey, n?: number | string): string {
    const text = this.#texts[KEYS.indexOf(key)]!
    if (n === undefined) return text
    // A function: in a bare string `$` would have a meaning.
    return text.replace('{n}', () => (typeof n === 'number' ? n.toLocaleString(this.code) : n))
  }

  /**
   * The `dir` of a text that is said to be in `language`. `auto` alone asks the first letter, and an Arabic
   * sentence that begins with "MitID" would fall apart.
   */
  flow(text: string, language: string | null | undefined): 'rtl' | 'auto' {
    return this.#directionOf(language || this.code) === 'rtl' && RIGHT_TO_LEFT.test(text) ? 'rtl' : 'auto'
  }

  time(iso: string): string {
    return format(iso, this.code, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  }

  day(iso: string): string {
    return format(iso, this.code, { weekday: 'long', day: 'numeric', month: 'long' })
  }

  #directionOf(code: string): Direction {
    return this.#languages.find((l) => l.code === code)?.direction ?? guessDirection(code)
  }
}

/** Their language, but the clock, the digits and the order of day and month as in Denmark. */
function format(iso: string, code: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? '' : new Intl.DateTimeFormat(`${code}-DK-u-nu-latn`, options).format(date)
}
