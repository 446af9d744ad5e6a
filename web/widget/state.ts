import type { Message, Outgoing } from './contract'

/** A citizen's message on its way. `shown` is what the bubble says: for a choice, its title. */
export interface Pending {
  clientId: string
  content: Outgoing
  shown: string
  created: string
  /** waiting: not delivered, will be tried again by itself; failed: needs the citizen. */
  delivery: 'queued' | 'sending' | 'sent' | 'waiting' | 'failed'
  /** The server's own sentence on why it failed. */
  reason: string | null
  messageId: string | null
  /** The stored form came by the stream before the answer to our request: show only that one. */
  shadowed: boolean
}

export type Notice = { kind: 'gone' | 'deleted' } | { kind: 'limited'; sentence: string | null }

export interface State {
  /** idle: no conversation yet; lost: the last attempt to reach the server failed. */
  connection: 'idle' | 'starting' | 'online' | 'lost'
  messages: Message[]
  pending: Pending[]
  typing: boolean
  /** A member of staff is writing, as far as we have heard. */
  staffTyping: boolean
  /** Who has the conversation: bot, queued, assigned, waiting_citizen or resolved. */
  phase: string
  notice: Notice | null
  ratings: Record<string, boolean>
}

export type Event =
  | { type: 'received'; messages: Message[] }
  | { type: 'typing'; typing: boolean }
  | { type: 'staffTyping'; typing: boolean }
  | { type: 'phase'; phase: string }
  | { type: 'composed'; pending: Pending }
  | { type: 'sending'; clientId: string }
  | { type: 'sent'; clientId: string; messageId: string }
  | { type: 'waiting'; clientId: string }
  | { type: 'failed'; clientId: string; reason: string | null }
  | { type: 'withdrawn'; clientId: string }
  | { type: 'connection'; connection: State['connection'] }
  | { type: 'notice'; notice: Notice | null }
  | { type: 'rated'; messageId: string; helpful: boolean | null }
  | { type: 'restored'; pending: Pending[]; ratings: Record<string, boolean> }
  /** The conversation is no more. What the citizen wrote but we never delivered goes on to the next one. */
  | { type: 'ended'; keepTexts: boolean }

export const EMPTY: State = {
  connection: 'idle',
  messages: [],
  pending: [],
  typing: false,
  staffTyping: false,
  phase: 'bot',
  notice: null,
  ratings: {},
}

export function compose(content: Outgoing, shown: string, clientId: string, created: string): Pending {
  return { clientId, content, shown, created, delivery: 'queued', reason: null, messageId: null, shadowed: false }
}

export function reduce(state: State, event: Event): State {
  switch (event.type) {
    case 'received':
      return receive(state, event.messages)
    case 'typing':
      return state.typing === event.typing ? state : { ...state, typing: event.typing }
    case 'staffTyping':
      return state.staffTyping === event.typing ? state : { ...state, staffTyping: event.typing }
    case 'phase':
      return state.phase === event.phase ? state : { ...state, phase: event.phase }
    case 'composed':
      return { ...state, pending: [...state.pending, event.pending], notice: null }
    case 'sending':
      return change(state, event.clientId, { delivery: 'sending', reason: null, shadowed: false })
    case 'sent': {
      // Once the stored message is in the list the optimistic bubble has done its work.
      if (state.messages.some((message) => message.id === event.messageId)) return drop(state, event.clientId)
      return change(state, event.clientId, { delivery: 'sent', messageId: event.messageId, shadowed: false })
    }
    case 'waiting':
      return change(state, event.clientId, { delivery: 'waiting', shadowed: false })
    case 'failed':
      return change(state, event.clientId, { delivery: 'failed', reason: event.reason, shadowed: false })
    case 'withdrawn':
      return drop(state, event.clientId)
    case 'connection':
      return state.connection === event.connection ? state : { ...state, connection: event.connection }
    case 'notice':
      return { ...state, notice: event.notice }
    case 'rated': {
      const ratings = { ...state.ratings }
      if (event.helpful === null) delete ratings[event.messageId]
      else ratings[event.messageId] = event.helpful
      return { ...state, ratings }
    }
    case 'restored':
      return { ...state, pending: event.pending, ratings: event.ratings }
    case 'ended':
      return {
        ...EMPTY,
        // A choice belongs to the question that was asked in the old conversation; a text stands by itself.
        pending: event.keepTexts
          ? state.pending
              .filter((p) => 'text' in p.content && p.delivery !== 'sent')
              .map((p) => ({ ...p, delivery: 'queued', shadowed: false }))
          : [],
      }
  }
}

function receive(state: State, incoming: Message[]): State {
  if (!incoming.length) return state
  const byId = new Map(state.messages.map((message) => [message.id, message]))
  const fresh = incoming.filter((message) => !byId.has(message.id))
  for (const message of incoming) byId.set(message.id, message)
  const messages = [...byId.values()].sort((a, b) => a.seq - b.seq)

  let pending = state.pending.filter((p) => p.messageId === null || !byId.has(p.messageId))
  const confirmed = new Set(state.pending.map((p) => p.messageId))
  // Messages carry no client id, and redaction may change the words, so the text cannot be matched.
  // But only one request is under way at a time: a citizen message that arrives meanwhile is that one,
  // unless it is one whose receipt we have already, or it came from the citizen's phone.
  const ours = (message: Message): boolean => message.author === 'citizen' && (message.channel ?? 'web') === 'web'
  if (fresh.some((message) => ours(message) && !confirmed.has(message.id))) {
    pending = pending.map((p) => (p.delivery === 'sending' ? { ...p, shadowed: true } : p))
  }
  // What was being written is here now.
  const staffTyping = state.staffTyping && !fresh.some(({ author }) => author === 'staff')
  return { ...state, messages, pending, staffTyping }
}

function change(state: State, clientId: string, to: Partial<Pending>): State {
  return { ...state, pending: state.pending.map((p) => (p.clientId === clientId ? { ...p, ...to } : p)) }
}

function drop(state: State, clientId: string): State {
  return { ...state, pending: state.pending.filter((p) => p.clientId !== clientId) }
}

export function cursor(state: State): number {
  return state.messages.at(-1)?.seq ?? 0
}

/** The next message to send: strictly in the order they were written, except past failed ones. */
export function nextToSend(state: State): Pending | null {
  return state.pending.find((p) => p.delivery === 'queued' || p.delivery === 'waiting') ?? null
}

/** Choices answer the latest question, so they are offered only until the citizen has said something. */
export function messageWithOpenChoices(state: State): string | null {
  if (state.pending.some((p) => p.delivery !== 'failed')) return null
  for (const message of state.messages.toReversed()) {
    if (message.author === 'citizen') return null
    if (message.choices?.length) return message.id
  }
  return null
}

/** Messages of others that came after the last one the citizen has seen. */
export function unreadCount(state: State, readSeq: number): number {
  return state.messages.filter((message) => message.author !== 'citizen' && message.seq > readSeq).length
}
