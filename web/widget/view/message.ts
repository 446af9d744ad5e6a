import type { Choice, Message } from '../contract'
import { Speaker } from '../speech'
import type { Pending } from '../state'
import type { TextKey, Words } from '../texts'
import { cardView } from './card'
import { h, icon } from './dom'
import { inOrder, richText } from './text'

export interface MessageActions {
  choose(choice: Choice): void
  retry(clientId: string): void
  edit(clientId: string): void
  rate(messageId: string, helpful: boolean): void
  read(message: Message): void
}

/** Everything about a message that changes over its life; a view is built anew when any of it changes. */
export interface MessageSituation {
  /** Is the author named above it? Not when the one before is by the same. */
  named: boolean
  /** May its choices be pressed? */
  open: boolean
  /** The citizen's last delivered message says that it was sent. */
  confirmed: boolean
  rating: boolean | undefined
  reading: boolean
}

/** The same in every language. What is not here came by the website, which goes without saying. */
const CHANNELS: Record<string, string> = { sms: 'SMS', messenger: 'Messenger' }

/** Who said it, and by what means if that is not this chat. */
export function authorName(message: Message, words: Words): string {
  const { author, author_name, channel } = message
  const name = author === 'staff' ? author_name : null
  return [name, words.say(author === 'citizen' ? 'you' : author), CHANNELS[channel ?? '']].filter(Boolean).join(' · ')
}

export function messageView(message: Message, now: MessageSituation, words: Words, on: MessageActions): HTMLElement {
  const { author, card } = message
  const guide = author === 'guide'
  return h(
    'div',
    { class: `message ${author}`, 'data-testid': 'message', 'data-author': author, 'data-seq': message.seq },
    byline(authorName(message, words), message.created_at, now.named, words),
    h(
      'div',
      { class: card ? 'content' : 'content bubble', dir: words.flow(message.text, message.language), lang: message.language },
      card ? cardView(card, words, on.choose) : h('p', { class: 'text' }, richText(message.text, words)),
    ),
    now.confirmed && h('p', { class: 'delivery' }, words.say('sent')),
    guide && tools(message, now, words, on),
    now.open &&
      h(
        'div',
        {
          class: 'choices',
          role: 'group',
          'aria-label': words.say('choices'),
          lang: message.language,
          dir: words.flow(message.choices.map((choice) => choice.title).join(' '), message.language),
        },
        ...message.choices.map((choice) =>
          h(
            'button',
            { type: 'button', class: 'choice', 'data-testid': 'choice', onclick: () => on.choose(choice) },
            choice.title,
          ),
        ),
      ),
  )
}

const DELIVERY: Record<Pending['delivery'], TextKey> = {
  queued: 'sending',
  sending: 'sending',
  sent: 'sent',
  waiting: 'waiting',
  failed: 'failed',
}

export function pendingView(pending: Pending, named: boolean, words: Words, on: MessageActions): HTMLElement {
  const { clientId, delivery } = pending
  const failed = delivery === 'failed'
  return h(
    'div',
    {
      class: `message citizen ${delivery}`,
      'data-testid': 'message',
      'data-author': 'citizen',
      'data-delivery': delivery,
    },
    byline(words.say('you'), pending.created, named, words),
    h(
      'div',
      { class: 'content bubble', dir: words.flow(pending.shown, words.language) },
      h('p', { class: 'text' }, richText(pending.shown, words)),
    ),
    h(
      'div',
      { class: 'delivery' },
      h('p', { dir: 'auto' }, failed && icon('warning'), [words.say(DELIVERY[delivery]), failed && pending.reason && inOrder(pending.reason)].filter(Boolean).join('. ')),
      (failed || delivery === 'waiting') && action('retry', words, () => on.retry(clientId)),
      // A choice has no words of the citizen's own to edit.
      failed && 'text' in pending.content && action('edit', words, () => on.edit(clientId)),
    ),
  )
}

function action(key: 'retry' | 'edit', words: Words, onclick: () => void): HTMLElement {
  return h('button', { type: 'button', class: 'plain', 'data-testid': key, onclick }, words.say(key))
}

function byline(name: string, created: string, named: boolean, words: Words): HTMLElement {
  return h(
    'p',
    // Who speaks is always there for screen readers, even where the eye sees it from the place.
    { class: named ? 'byline' : 'sr' },
    h('span', { class: 'name' }, name),
    ' ',
    h('time', { datetime: created }, words.time(created)),
  )
}

function tools(message: Message, now: MessageSituation, words: Words, on: MessageActions): HTMLElement | null {
  const readable = Speaker.canRead(message.language ?? words.code)
  if (!readable && !message.card) return null
  return h(
    'div',
    { class: 'tools' },
    readable &&
      h(
        'button',
        { type: 'button', class: 'tool', 'data-testid': 'read-aloud', onclick: () => on.read(message) },
        icon(now.reading ? 'stop' : 'speaker'),
        words.say(now.reading ? 'stop' : 'read'),
      ),
    Boolean(message.card) && rating(message.id, now.rating, words, on),
  )
}

function rating(id: string, rated: boolean | undefined, words: Words, on: MessageActions): HTMLElement {
  if (rated !== undefined) {
    return h('p', { class: 'rating', tabindex: -1, 'data-testid': 'rated' }, icon(rated ? 'up' : 'down'), words.say('thanks'))
  }
  const thumb = (helpful: boolean): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        class: 'tool',
        'data-testid': helpful ? 'helpful' : 'not-helpful',
        onclick: () => on.rate(id, helpful),
      },
      icon(helpful ? 'up' : 'down'),
      words.say(helpful ? 'yes' : 'no'),
    )
  const question = words.say('helpful')
  return h('div', { class: 'rating', role: 'group', 'aria-label': question }, h('span', {}, question), thumb(true), thumb(false))
}
