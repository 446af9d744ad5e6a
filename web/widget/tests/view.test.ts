import { expect, it } from 'vitest'
import type { Card, Message } from '../contract'
import { Words } from '../texts'
import { cardView } from '../view/card'
import { authorName, type MessageActions, messageView } from '../view/message'
import { inOrder, richText } from '../view/text'

const words = new Words('da', [])

it('never reads a message as markup', () => {
  const box = document.createElement('div')
  box.append(richText('<img src=x onerror=alert(1)> https://kk.dk/"onclick="x', words))
  expect(box.querySelector('img')).toBeNull()
  expect(box.textContent).toContain('<img src=x onerror=alert(1)>')
  expect(box.querySelector('a')?.getAttributeNames()).not.toContain('onclick')
})

it('opens other sites in a new tab without telling them from where', () => {
  const box = document.createElement('div')
  box.append(richText('https://kk.dk/', words))
  expect(box.querySelector('a')).toMatchObject({ target: '_blank', rel: 'noopener noreferrer' })
})

it.each([
  ['اتصل على 33 66 33 66 الآن', ['a ltr 33 66 33 66']],
  ['رقم CVR 64 94 22 12 هنا', ['bdi ltr 64 94 22 12']],
  ['الساعة 10:00 في 12. مارس', []],
])('keeps the groups of a number in order among words from right to left: %s', (text, parts) => {
  const box = document.createElement('div')
  box.append(richText(text, words))
  expect([...box.children].map((e) => `${e.localName} ${e.getAttribute('dir')} ${e.textContent}`)).toEqual(parts)
  expect(box.textContent).toBe(text)
})

it('does the same in a sentence without markup', () => {
  expect(inOrder('مثل +45 12 34 56 78.')).toBe('مثل \u2066+45 12 34 56 78\u2069.')
  expect(inOrder('Vent 600 sekunder.')).toBe('Vent 600 sekunder.')
})

it('gives each message its own language and direction, whatever the language around it', () => {
  const message = { id: '1', seq: 1, author: 'guide', text: 'MitID: اطلب موعدًا', language: 'ar', candidates: [], created_at: '', choices: [{ title: 'MitID الآن', choice: 'x' }] }
  const now = { named: true, open: true, confirmed: false, rating: undefined, reading: false }
  const view = messageView(message as unknown as Message, now, words, {} as MessageActions)
  for (const part of view.querySelectorAll('.content, .choices')) {
    expect([part.getAttribute('lang'), part.getAttribute('dir')]).toEqual(['ar', 'rtl'])
  }
  expect(view.querySelectorAll('.content, .choices')).toHaveLength(2)
})

const EMPTY: Card = { service: 's', title: 'T', summary: '', authority: null, rows: [], links: [], source: null, checked: null, actions: [] }
const url = 'https://kk.dk/tid'

it('makes the amount stand out, not what is said about it', () => {
  const items = ['Pas til børn: 150 kr. (2023-pris)', 'gratis'].map((text) => ({ text, url: null, verified: true }))
  const view = cardView({ ...EMPTY, rows: [{ kind: 'cost', label: 'Pris', items }] }, words, null)
  expect([...view.querySelectorAll('strong')].map((e) => e.textContent)).toEqual(['150 kr.', 'gratis'])
  expect([...view.querySelectorAll('dd')].map((e) => e.textContent)).toEqual(items.map((item) => item.text))
})

it('links the first sentence of a long item, and leaves the telephone number in the rest a link of its own', () => {
  const items = [{ text: 'Borgerservice med tid. Ring 33 66 33 66', url, verified: true }]
  const view = cardView({ ...EMPTY, rows: [{ kind: 'channel', label: 'Sådan', items }] }, words, null)
  expect([...view.querySelectorAll('a')].map((e) => e.getAttribute('href'))).toEqual([url, 'tel:+4533663366'])
  expect(view.querySelector('a')?.textContent).toContain('Borgerservice med tid.')
})

it('does not repeat a link that a row already has in the same words', () => {
  const rows = [{ kind: 'channel', label: 'Sådan', items: [{ text: 'Online. Hurtigst.', url, verified: true }] }]
  const links = [{ title: 'Online', url }, { title: 'Tjek her', url }]
  const view = cardView({ ...EMPTY, rows, links }, words, null)
  expect([...view.querySelectorAll('.links a')].map((e) => e.textContent?.startsWith('Tjek her'))).toEqual([true])
})

it('shows deadline and cost first, marks what is not confirmed in words, and drops unsafe links', () => {
  const row = (kind: string, verified = true) => ({ kind, label: kind, items: [{ text: `om ${kind}`, url: null, verified }] })
  const card: Card = {
    service: 's',
    title: 'T',
    summary: '',
    authority: null,
    rows: [row('channel'), row('cost', false), row('deadline')],
    links: [{ title: 'ond', url: 'javascript:alert(1)' }],
    source: null,
    checked: null,
    actions: [],
  }
  const view = cardView(card, words, null)
  expect([...view.querySelectorAll('[data-kind]')].map((e) => (e as HTMLElement).dataset['kind'])).toEqual(['deadline', 'cost', 'channel'])
  expect(view.querySelector('[data-kind=cost]')?.textContent).toContain('ikke bekræftet')
  expect(view.querySelector('[data-kind=deadline]')?.textContent).not.toContain('ikke bekræftet')
  expect(view.querySelector('a')).toBeNull()
})

it.each<[Partial<Message>, string]>([
  [{ author: 'citizen' }, 'Dig'],
  [{ author: 'citizen', channel: 'web' }, 'Dig'],
  [{ author: 'citizen', channel: 'sms' }, 'Dig · SMS'],
  [{ author: 'guide', channel: 'messenger' }, 'Guiden · Messenger'],
  [{ author: 'guide', channel: 'carrier pigeon' }, 'Guiden'],
  [{ author: 'staff', author_name: 'Mette', channel: 'sms' }, 'Mette · Medarbejder i kommunen · SMS'],
])('names who spoke, and by what means: %o', (message, name) => {
  expect(authorName(message as Message, words)).toBe(name)
})
