import { describe, expect, it } from 'vitest'
import { addressOf, knownLanguages, primaryCode, textCode, Words } from '../texts'

const files = Object.entries(import.meta.glob<string>('../texts/*.json', { eager: true, query: '?raw', import: 'default' }))

describe('texts', () => {
  it.each(files)('%s has the same blanks to fill in as the source', (_path, file) => {
    const blanks = (json: string) => Object.values(JSON.parse(json) as Record<string, string>).map((text) => text.match(/\{\w+\}/g) ?? [])
    const [, source] = files.find(([path]) => path.endsWith('/da.json'))!
    expect(blanks(file)).toEqual(blanks(source))
  })

  it('are found for a regional tag, and fall back for a language without any', () => {
    expect(primaryCode('DA-dk')).toBe('da')
    expect(textCode('en-GB')).toBe('en')
    expect(textCode('xx')).toBe('en')
  })

  it('are in the bundle in two languages, and have an address of their version in the others', () => {
    for (const { code } of knownLanguages()) {
      if (['da', 'en'].includes(code)) expect(addressOf(code)).toBeNull()
      else expect(addressOf(code)).toMatch(new RegExp(`^texts/${code}\\.json\\?v=[0-9a-f]{8}$`))
    }
    expect(addressOf('xx')).toBeNull()
  })

  it('offer every language natively without the server, and know which is written from right to left', () => {
    const known = new Map(knownLanguages().map((l) => [l.code, `${l.name} ${l.direction}`]))
    expect(known.size).toBe(files.length)
    expect(known.get('da')).toBe('Dansk ltr')
    expect(known.get('uk')).toBe('Українська ltr')
    expect(known.get('ar')).toBe('العربية rtl')
  })
})

it('takes the direction from the list of languages', () => {
  expect(new Words('da', [{ code: 'da', name: 'Dansk', direction: 'rtl' }]).direction).toBe('rtl')
})

it('fills in numbers as the language writes them', () => {
  expect(new Words('da', []).say('left', 1234)).toContain('1.234')
})

it.each([
  ['MitID لا يعمل', 'ar', 'rtl'],
  ['MitID virker ikke', 'ar', 'auto'],
  ['33 66 33 66', 'ar', 'auto'],
  ['Sproget العربية', 'da', 'auto'],
  ['אני גר כאן', 'he', 'rtl'],
  ['MitID لا يعمل', null, 'auto'],
])('lets %o in %o flow %s', (text, language, flow) => {
  expect(new Words('da', []).flow(text, language)).toBe(flow)
})

it('tells the time as clocks in Denmark do, in the digits of the answers', () => {
  const afternoon = '2026-11-23T14:05:00'
  for (const language of ['da', 'en']) expect(new Words(language, []).time(afternoon)).toMatch(/^14[.:]05$/)
})
