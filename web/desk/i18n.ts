/** The desk's own words, and dates and lengths of time as each language writes them. */
import { computed, signal } from '@preact/signals'
import danishBooking from './texts/booking.da.json'
import englishBooking from './texts/booking.en.json'
import danishDesk from './texts/da.json'
import englishDesk from './texts/en.json'

const danish = { ...danishDesk, ...danishBooking }
const english = { ...englishDesk, ...englishBooking }

type Texts = Record<keyof typeof danish, string>
export type TextKey = keyof typeof danish
/** Keys that exist once for one thing and once for several. */
export type CountKey = TextKey extends infer K ? (K extends `${infer Base}_other` ? Base : never) : never
type Values = Record<string, string | number>

export const TEXTS = { da: danish, en: english } satisfies Record<string, Texts>
export type UiLanguage = keyof typeof TEXTS
export const UI_LANGUAGES: readonly UiLanguage[] = ['da', 'en']

/** Written from right to left. */
const RTL = new Set(['ar', 'fa', 'he', 'ur', 'ps', 'ckb', 'yi', 'sd', 'ug', 'dv'])
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export function asUiLanguage(language: string): UiLanguage {
  const code = language.toLowerCase().split(/[-_]/)[0] ?? ''
  return code in TEXTS ? (code as UiLanguage) : 'da'
}

/** Of what citizens write; an unknown language is left to the browser. */
export function direction(language: string): 'ltr' | 'rtl' | 'auto' {
  const code = language.toLowerCase().split(/[-_]/)[0] ?? ''
  if (!code) return 'auto'
  return RTL.has(code) ? 'rtl' : 'ltr'
}

export class Words {
  readonly language: UiLanguage
  readonly #texts: Texts
  readonly #plural: Intl.PluralRules
  readonly #names: Intl.DisplayNames
  /** Their language, but the clock and the order of day and month as in Denmark. */
  readonly #locale: string

  constructor(language: UiLanguage) {
    this.language = language
    this.#texts = TEXTS[language]
    this.#plural = new Intl.PluralRules(language)
    this.#names = new Intl.DisplayNames([language], { type: 'language' })
    this.#locale = `${language}-DK`
  }

  say(key: TextKey, values: Values = {}): string {
    // A function: in a bare string `$` would have a meaning.
    return this.#texts[key].replace(/\{(\w+)\}/g, (blank, name: string) => {
      const value = values[name]
      return value === undefined ? blank : typeof value === 'number' ? this.number(value) : value
    })
  }

  /** `key_one` or `key_other`, with `{n}`. */
  count(key: CountKey, n: number): string {
    return this.say(`${key}_${this.#plural.select(n) === 'one' ? 'one' : 'other'}` as TextKey, { n })
  }

  /** The text of `prefix_code`; a code that the desk does not know yet is shown as it is. */
  coded(prefix: string, code: string): string {
    const key = `${prefix}_${code}`
    return key in this.#texts ? this.#texts[key as TextKey] : code.replaceAll('_', ' ')
  }

  number(value: number, digits = 0): string {
    return value.toLocaleString(this.language, { maximumFractionDigits: digits })
  }

  percent(share: number): string {
    return share.toLocaleString(this.language, { style: 'percent', maximumFractionDigits: 0 })
  }

  /** A language's name; the code itself where it has none. */
  languageName(code: string): string {
    try {
      return this.#names.of(code) ?? code
    } catch {
      return code
    }
  }

  time(iso: string): string {
    return this.#format(iso, { hour: '2-digit', minute: '2-digit' })
  }

  day(iso: string): string {
    return this.#format(iso, { weekday: 'long', day: 'numeric', month: 'long' })
  }

  shortDay(iso: string): string {
    return this.#format(iso, { day: 'numeric', month: 'short' })
  }

  /** The time of day; with the date unless it is today. */
  moment(iso: string, now = new Date()): string {
    const same = new Date(iso).toDateString() === now.toDateString()
    return same ? this.time(iso) : this.#format(iso, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  }

  exact(iso: string): string {
    return this.#format(iso, { dateStyle: 'short', timeStyle: 'medium' })
  }

  /** Seconds in the two largest units that matter. */
  duration(seconds: number): string {
    if (seconds < MINUTE) return this.say('time_now')
    if (seconds < HOUR) return this.say('time_minutes', { n: Math.floor(seconds / MINUTE) })
    if (seconds < DAY) {
      const [hours, minutes] = [Math.floor(seconds / HOUR), Math.floor((seconds % HOUR) / MINUTE)]
      return minutes ? this.say('time_hours_minutes', { hours, minutes }) : this.say('time_hours', { n: hours })
    }
    return this.count('time_days', Math.floor(seconds / DAY))
  }

  #format(iso: string, options: Intl.DateTimeFormatOptions): string {
    const date = new Date(iso)
    return Number.isNaN(date.getTime()) ? '' : new Intl.DateTimeFormat(this.#locale, options).format(date)
  }
}

/** Of the interface; what citizens read is in their own. */
export const language = signal<UiLanguage>('da')
export const words = computed(() => new Words(language.value))

export const t = (key: TextKey, values?: Values): string => words.value.say(key, values)
export const count = (key: CountKey, n: number): string => words.value.count(key, n)
export const coded = (prefix: string, code: string): string => words.value.coded(prefix, code)
