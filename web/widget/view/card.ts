import type { Card, CardItem, CardRow, Choice } from '../contract'
import type { Words } from '../texts'
import { h, icon, isIcon } from './dom'
import { link, richText } from './text'

/** What people look for first, in this order; other rows keep the order in which they came. */
const FACTS = ['deadline', 'cost', 'processing_time']

/** `choose` is null where nothing can be pressed: on paper. */
export function cardView(card: Card, words: Words, choose: ((choice: Choice) => void) | null): HTMLElement {
  const facts = FACTS.flatMap((kind) => card.rows.filter((row) => row.kind === kind))
  const others = card.rows.filter((row) => !FACTS.includes(row.kind))
  return h(
    'article',
    { class: 'card', 'data-testid': 'card', 'data-service': card.service },
    h('h3', {}, card.title),
    card.summary && h('p', { class: 'summary' }, richText(card.summary, words)),
    card.authority && authority(card.authority, words),
    facts.length > 0 && h('dl', { class: 'facts' }, ...facts.map((row) => fact(row, words))),
    ...others.map((row) => section(row, words)),
    card.links.length > 0 && h('ul', { class: 'links' }, ...card.links.map((l) => h('li', {}, link(l.title, l.url, words)))),
    choose && card.actions.length > 0 && h('div', { class: 'actions' }, ...card.actions.map((a) => action(a, choose))),
    origin(card, words),
  )
}

function authority(of: NonNullable<Card['authority']>, words: Words): HTMLElement {
  return h(
    'div',
    { class: of.own ? 'authority' : 'authority other' },
    icon('house'),
    h(
      'p',
      {},
      h('span', { class: 'label', lang: words.code, dir: words.direction }, words.say('authority'), ': '),
      h('strong', {}, of.name),
      of.note && h('span', { class: 'note' }, richText(of.note, words)),
    ),
  )
}

function fact(row: CardRow, words: Words): HTMLElement {
  return h(
    'div',
    { 'data-kind': row.kind },
    h('dt', {}, isIcon(row.kind) && icon(row.kind), row.label),
    ...row.items.map((item) => h('dd', {}, ...itemView(item, words))),
  )
}

function section(row: CardRow, words: Words): HTMLElement {
  const items = row.items.map((item) => h('li', {}, ...itemView(item, words)))
  return h(
    'section',
    { 'data-kind': row.kind },
    h('h4', {}, row.label),
    // Steps are done in order, and their numbers can be talked about.
    h(row.kind === 'step' ? 'ol' : 'ul', {}, ...items),
  )
}

function itemView(item: CardItem, words: Words): (Node | string | false)[] {
  return [
    item.url ? link(item.text, item.url, words) : richText(item.text, words),
    // In words with a border and a sign, so that it does not hang on colour.
    !item.verified && ' ',
    !item.verified && h('span', { class: 'unverified', lang: words.code, dir: words.direction }, '? ', words.say('unverified')),
  ]
}

function action(choice: Choice, choose: (choice: Choice) => void): HTMLElement {
  return h('button', { type: 'button', class: 'choice', 'data-testid': 'choice', onclick: () => choose(choice) }, choice.title)
}

function origin(card: Card, words: Words): HTMLElement | null {
  if (!card.source && !card.checked) return null
  return h(
    'p',
    { class: 'origin' },
    card.source && h('span', {}, h('span', { lang: words.code, dir: words.direction }, words.say('source'), ': '), link(card.source.title, card.source.url, words)),
    card.checked && h('span', {}, card.checked),
  )
}
