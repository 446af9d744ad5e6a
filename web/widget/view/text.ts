import { linkify, safeUrl } from '../linkify'
import type { Words } from '../texts'
import { h, icon } from './dom'

const LONG_WORD = 24
/** Numbers in groups. Among Arabic words each group would change places with the next. */
const GROUPS = /(\+?\d+(?:[ \u00a0]\d+)+)/g

/** Plain text with its addresses and telephone numbers as links. */
export function richText(text: string, words: Words): DocumentFragment {
  const fragment = document.createDocumentFragment()
  for (const piece of linkify(text)) {
    if (piece.href) fragment.append(anchor(piece.text, piece.href, words))
    // Cut at the groups, every other part is one.
    else fragment.append(...piece.text.split(GROUPS).map((part, index) => (index % 2 ? h('bdi', { dir: 'ltr' }, part) : part)))
  }
  return fragment
}

/** The same for a sentence that stays text: its numbers are held together by characters that nobody sees. */
export function inOrder(sentence: string): string {
  return sentence.replace(GROUPS, '\u2066$1\u2069')
}

/** A link that somebody else gave us. An address we do not trust leaves only its text. */
export function link(title: string, url: string, words: Words): Node {
  const href = safeUrl(url)
  return href ? anchor(title, href, words, true) : document.createTextNode(title)
}

function anchor(text: string, href: string, words: Words, titled = false): HTMLAnchorElement {
  // Numbers and addresses keep their order inside right-to-left text; a title flows as what is around it.
  const dir = titled ? null : 'ltr'
  if (!href.startsWith('http')) return h('a', { href, dir }, text)
  // A word too long for a line of its own has to be broken wherever it is.
  const last = text.length - text.lastIndexOf(' ') > LONG_WORD ? text.length : text.lastIndexOf(' ') + 1
  return h(
    'a',
    // A new tab, so that the conversation stays where it is.
    { href, dir, target: '_blank', rel: 'noopener noreferrer' },
    text.slice(0, last),
    // The sign stays on the line of the last word.
    h('span', { class: 'out' }, text.slice(last), icon('out')),
    h('span', { class: 'sr', lang: words.code }, ` (${words.say('newTab')})`),
  )
}
