import { describe, expect, it } from 'vitest'
import { SHORTCUTS } from '../state/shortcuts'
import { asUiLanguage, direction, TEXTS, Words } from '../i18n'

const { da, en } = TEXTS
const blanks = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort()

describe('texts', () => {
  it('have the same keys in the same order', () => {
    expect(Object.keys(en)).toEqual(Object.keys(da))
  })

  it.each(Object.keys(da) as (keyof typeof da)[])('%s says something and has the same blanks', (key) => {
    expect(da[key]).not.toBe('')
    expect(en[key]).not.toBe('')
    expect(blanks(en[key])).toEqual(blanks(da[key]))
  })

  it('exist for one and for several', () => {
    const keys = Object.keys(da)
    const counted = keys.filter((key) => key.endsWith('_other')).map((key) => key.replace(/_other$/, ''))
    expect(counted.length).toBeGreaterThan(5)
    for (const key of counted) expect(keys).toContain(`${key}_one`)
  })

  it.each(SHORTCUTS.map(({ id }) => id))('name the shortcut %s', (id) => {
    expect(Object.keys(da)).toContain(`command_${id}`)
  })

  const CODES = {
    state: ['bot', 'queued', 'assigned', 'waiting_citizen', 'resolved'],
    reason: ['asked', 'failed', 'crisis', 'dissatisfied', 'rule'],
    outcome: ['solved', 'referred', 'no_answer', 'spam', 'withdrawn', 'merged'],
    delivery: ['pending', 'unclear', 'sending', 'sent', 'delivered', 'read', 'failed', 'rejected', 'stopped'],
    presence: ['online', 'away', 'offline'],
    role: ['guide', 'specialist', 'ambassador', 'editor', 'administrator'],
    list: ['waiting', 'mine', 'team', 'snoozed', 'resolved'],
    channel: ['web', 'sms', 'messenger', 'email'],
  }
  it.each(Object.entries(CODES))('have words for every %s', (prefix, codes) => {
    for (const code of codes) expect(Object.keys(da)).toContain(`${prefix}_${code}`)
  })
})

describe('words', () => {
  const danish = new Words('da')
  const english = new Words('en')

  it.each([
    [30, 'under 1 min.'],
    [60, '1 min.'],
    [3_540, '59 min.'],
    [3_600, '1 t.'],
    [4_000, '1 t. 6 min.'],
    [86_400, '1 dag'],
    [200_000, '2 dage'],
  ])('writes %i seconds as %s', (seconds, text) => {
    expect(danish.duration(seconds)).toBe(text)
  })

  it('counts in each language', () => {
    expect(danish.count('unread', 1)).toBe('1 ulæst')
    expect(english.count('unread', 1_234)).toBe('1,234 unread')
  })

  it('does not read a value as a pattern, and leaves what it does not know', () => {
    expect(danish.say('taken_by', { name: '$& {n}' })).toContain('$& {n}')
    expect(danish.say('canned_hint')).toContain('{name}')
  })

  it('shows a code that is new to it as it is', () => {
    expect(danish.coded('activity', 'sent_to_moon')).toBe('sent to moon')
    expect(danish.languageName('not a language')).toBe('not a language')
  })

  it.each([
    ['ar', 'rtl'],
    ['ur-PK', 'rtl'],
    ['da', 'ltr'],
    ['', 'auto'],
  ])('writes %s %s', (language, way) => {
    expect(direction(language)).toBe(way)
  })

  it('is Danish for everybody without a text of their own', () => {
    expect(asUiLanguage('de-DE')).toBe('da')
    expect(asUiLanguage('en-GB')).toBe('en')
  })
})
