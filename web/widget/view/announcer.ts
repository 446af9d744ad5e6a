import type { Message } from '../contract'
import type { Words } from '../texts'
import { h } from './dom'
import { authorName } from './message'

const MAX_SPOKEN = 400

/** A polite live region: says what is new without moving the focus or reading a whole card. */
export class Announcer {
  readonly element = h('div', { class: 'sr', 'aria-live': 'polite', 'data-testid': 'announcer' })

  say(text: string, language?: string | null): void {
    const line = h('p', { lang: language }, text)
    this.element.append(line)
    // Old lines go, so that nobody browsing the page finds them; the delay lets them be read first.
    setTimeout(() => line.remove(), 10_000)
  }

  messages(messages: Message[], words: Words): void {
    for (const message of messages) {
      const { card } = message
      // Without a summary the card answers one question, and the text is that answer.
      const text = card?.summary ? `${card.title}. ${card.summary}` : message.text
      this.say(`${authorName(message, words)}: ${shorten(text)}`, message.language)
    }
  }
}

function shorten(text: string): string {
  if (text.length <= MAX_SPOKEN) return text
  return `${text.slice(0, text.lastIndexOf(' ', MAX_SPOKEN))} …`
}
