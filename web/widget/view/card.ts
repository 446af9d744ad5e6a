import type { Card, CardItem, CardRow, Choice } from '../contract'
import type { Words } from '../texts'
import { type Child, h, icon, isIcon } from './dom'
import { link, richText } from './text'

/** What people look for first, in this order; other rows keep the order in which they came. */
const FACTS = ['deadline', 'cost', 'processing_time']
/** Characters that fit in half the width of a card. */
const SHORT = 40

/** `choose` is null where nothing can be pressed: on paper. */
export function cardView(card: Card, words: Words, choose: ((choice: Choice) => void) | null): HTMLElement {
  const facts = FACTS.flatMap((kind) => card.rows.filter((row) => row.kind === kind))
  const others = card.rows.filter((row) => !FACTS.includes(row.kind))
  // The way to do it is often among the rows already, with the same words.
  const links = card.links.filter((l) => !card.rows.some((row) => row.items.some((i) => i.url === l.url && i.text.startsWith(l.title))))
  return h(
    'article',
    { class: 'card', 'data-testid': 'card', 'data-service': card.service },
    h('h3', {}, card.title),
    card.summary && h('p', { class: 'summary' }, richText(card.summary, words)),
    card.authority && authority(card.authority, words),
    facts.length > 0 && h('dl', { class: 'facts' }, ...facts.map((row) => fact(row, words))),
    ...others.map((row) => section(row, words)),
    links.length > 0 && h('ul', { class: 'links' }, ...links.map((l) => h('li', {}, link(l.title, l.url, words)))),
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
  const sure = row.items.filter((item) => item.verified)
  return h(
    'div',
    // Two short facts stand side by side; what is longer needs the whole width.
    { 'data-kind': row.kind, 'data-wide': row.items.length > 1 || row.items.some((item) => item.text.length > SHORT) },
    h('dt', {}, isIcon(row.kind) && icon(row.kind), row.label),
    ...row.items.map((item) =>
      row.kind === 'cost' && !item.url && item.verified
        ? h('dd', {}, ...amount(item.text))
        : // The one thing that is sure is what the eye should find.
          h('dd', { class: item.verified && sure.length === 1 && 'key' }, ...itemView(item, words)),
    ),
  )
}

/** `Passport for a child: 150 kr.`: the amount is what one looks for. */
function amount(text: string): Child[] {
  const from = text.lastIndexOf(': ') + 1
  const to = text.indexOf(' (', from)
  const end = to < 0 ? text.length : to
  return [text.slice(0, from), from > 0 && ' ', h('strong', {}, text.slice(from, end).trim()), text.slice(end)]
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

function itemView(item: CardItem, words: Words): Child[] {
  return [
    ...linked(item, words),
    // In words with a border and a sign, so that it does not hang on colour.
    !item.verified && ' ',
    !item.verified && h('span', { class: 'unverified', lang: words.code, dir: words.direction }, '? ', words.say('unverified')),
  ]
}

/** The first sentence is the link; a whole paragraph underlined is hard to read, and may hold a telephone number. */
function linked({ text, url }: CardItem, words: Words): Child[] {
  if (!url || text.includes(url)) return [richText(text, words)]
  const end = text.search(/(?<=[^\s.]{3}\.)\s/u)
  if (end < 0) return [link(text, url, words)]
  return [link(text.slice(0, end), url, words), richText(text.slice(end), words)]
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
