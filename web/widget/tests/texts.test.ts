import { describe, expect, it } from 'vitest'
import { knownLanguages, primaryCode, textCode, TEXTS, Words } from '../texts'

describe('texts', () => {
  it('have the same blanks to fill in every language', () => {
    const blanks = (texts: string[]) => texts.map((text) => text.match(/\{\w+\}/g) ?? [])
    const [source, ...others] = [...TEXTS.values()]
    for (const texts of others) expect(blanks(texts)).toEqual(blanks(source!))
  })

  it('are found for a regional tag, and fall back for a language without any', () => {
    expect(primaryCode('DA-dk')).toBe('da')
    expect(textCode('en-GB')).toBe('en')
    expect(textCode('xx')).toBe('en')
  })

  it('name the languages natively without the server', () => {
    expect(knownLanguages().find((l) => l.code === 'da')).toMatchObject({ name: 'Dansk', direction: 'ltr' })
  })
})

it('takes the direction from the list of languages', () => {
  expect(new Words('da', [{ code: 'da', name: 'Dansk', direction: 'rtl' }]).direction).toBe('rtl')
})

it('fills in numbers as the language writes them', () => {
  expect(new Words('da', []).say('left', 1234)).toContain('1.234')
})
