import { expect, it } from 'vitest'
import type { Card } from '../contract'
import { Words } from '../texts'
import { cardView } from '../view/card'
import { richText } from '../view/text'

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
