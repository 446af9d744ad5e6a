import { describe, expect, it } from 'vitest'
import { linkify, safeUrl } from '../linkify'

const links = (text: string): [string, string | undefined][] =>
  linkify(text)
    .filter((piece) => piece.href)
    .map((piece) => [piece.text, piece.href])

describe('addresses', () => {
  it.each([
    ['Se https://kk.dk/bestiltid.', 'https://kk.dk/bestiltid'],
    ['(se https://kk.dk/a_(b)).', 'https://kk.dk/a_(b)'],
    ['«http://kk.dk/?a=1&b=2»', 'http://kk.dk/?a=1&b=2'],
    ['https://kk.dk/33663366/x', 'https://kk.dk/33663366/x'],
  ])('%s', (text, url) => {
    expect(links(text).map(([shown]) => shown)).toEqual([url])
  })

  it('are only http and https in running text', () => {
    expect(links('javascript:alert(1) data:text/html,x ftp://kk.dk')).toEqual([])
  })
})

describe('telephone numbers', () => {
  it.each([
    ['Ring 33 66 33 66 – 24 timer', '33 66 33 66', 'tel:+4533663366'],
    ['tlf. 3366 3366', '3366 3366', 'tel:+4533663366'],
    ['Ring 33663366.', '33663366', 'tel:+4533663366'],
    ['+45 33 66 33 66', '+45 33 66 33 66', 'tel:+4533663366'],
    ['(eller +46 8 508 00 000)', '+46 8 508 00 000', 'tel:+46850800000'],
    ['+45 33 66 33 66 2 gange', undefined, undefined],
    ['+49 30 901820', '+49 30 901820', 'tel:+4930901820'],
    ['Er nogen i fare? Ring 112!', '112', 'tel:112'],
    ['lægevagten på 1813', '1813', 'tel:1813'],
  ])('%s', (text, shown, href) => {
    expect(links(text)).toEqual(shown ? [[shown, href]] : [])
  })

  it.each([
    'CPR 010203-1234',
    'CVR 64942212',
    'CVR-nr. 64942212',
    'Pris: 112 kr.',
    '§ 112',
    'side 114',
    'i 2023 2024',
    'den 20240515',
    '24.11.2026',
    '33663366123',
    'sag 23456789',
    'DK50 0040 0440 1162 43',
    '1.112',
  ])('not: %s', (text) => {
    expect(links(text)).toEqual([])
  })
})

it('loses no character', () => {
  const text = 'Ring 33 66 33 66\neller se https://kk.dk/ (nu). <b>112</b> & 1.000 kr.'
  expect(linkify(text).map((piece) => piece.text).join('')).toBe(text)
})

it('trusts only harmless schemes', () => {
  expect(safeUrl('https://kk.dk/')).toBe('https://kk.dk/')
  expect(safeUrl('mailto:a@kk.dk')).toBe('mailto:a@kk.dk')
  for (const bad of ['javascript:alert(1)', ' java\nscript:alert(1)', 'data:text/html,x', 'vbscript:x', '/relative', '']) {
    expect(safeUrl(bad)).toBeNull()
  }
})
