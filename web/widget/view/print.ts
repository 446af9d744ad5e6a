import type { Message } from '../contract'
import type { Words } from '../texts'
import { cardView } from './card'
import { h } from './dom'
import { authorName } from './message'
import { richText } from './text'
import css from './print.css?inline'

/**
 * Prints the conversation alone. A separate window could be blocked, and a shadow root cannot hide the page
 * around it; so the paper version is put beside the page for the moment, and a sheet hides the rest on paper.
 */
export function printConversation(messages: Message[], words: Words): void {
  const paper = h('div', { class: 'borger-guide-paper' })
  const root = paper.attachShadow({ mode: 'open' })
  const look = new CSSStyleSheet()
  look.replaceSync(css)
  root.adoptedStyleSheets = [look]
  root.append(
    h(
      'main',
      { lang: words.code, dir: words.direction },
      h('h1', {}, words.say('title')),
      h('p', {}, words.say('machine')),
      ...messages.map((message) =>
        h(
          'section',
          { class: message.author },
          h('h2', {}, `${authorName(message, words)}, ${words.day(message.created_at)} ${words.time(message.created_at)}`),
          h(
            'div',
            { lang: message.language, dir: words.flow(message.text, message.language) },
            message.card ? cardView(message.card, words, null) : h('p', { class: 'text' }, richText(message.text, words)),
          ),
        ),
      ),
    ),
  )

  const hide = new CSSStyleSheet()
  hide.replaceSync(
    `.borger-guide-paper{display:none}
     @media print{.borger-guide-paper{display:block!important}body>:not(.borger-guide-paper){display:none!important}}`,
  )
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, hide]
  document.body.append(paper)
  // Some phones return from print() at once, so it is the event that says when the paper is done.
  addEventListener(
    'afterprint',
    () => {
      paper.remove()
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== hide)
    },
    { once: true },
  )
  print()
}
