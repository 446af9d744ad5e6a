/** The shapes the gateway sends. Kept apart from the client so that views can use them without the network. */

export type Author = 'citizen' | 'guide' | 'staff' | 'system'

export interface Choice {
  title: string
  choice: string
}

export interface CardItem {
  text: string
  url: string | null
  verified: boolean
}

export interface CardRow {
  kind: string
  label: string
  items: CardItem[]
}

export interface Link {
  title: string
  url: string
}

export interface Card {
  service: string
  title: string
  summary: string
  authority: { name: string; own: boolean; note: string | null } | null
  rows: CardRow[]
  links: Link[]
  source: Link | null
  checked: string | null
  actions: Choice[]
}

export interface Message {
  id: string
  seq: number
  author: Author
  text: string
  language: string | null
  reply: string | null
  service: string | null
  candidates: string[]
  choices: Choice[]
  created_at: string
  card?: Card | null
  author_name?: string | null
  /** How it came or went: 'web', 'sms', 'messenger'. */
  channel?: string
}

/** One answer of GET …/messages. */
export interface Page {
  messages: Message[]
  state: string
  typing: boolean
  language?: string | null
}

export interface Language {
  code: string
  name: string
  direction: 'ltr' | 'rtl'
}

/** What proves that this browser may read a conversation. */
export interface Credentials {
  id: string
  token: string
}

export type Outgoing = { text: string } | { choice: string }
