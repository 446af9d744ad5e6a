/** Things to test with: what the server would send, and a server that answers from a table. */
import { vi } from 'vitest'
import type { Conversation, Detail, Me, Message } from '../contract'

export const METTE = { id: 'mette', name: 'Mette Holm' }
export const ALI = { id: 'ali', name: 'Ali Demir' }

export const FRONT: Me['rights'] = {
  see_conversation: 'common',
  claim: 'common',
  write: 'own',
  note: 'common',
  transfer: 'common',
  resolve: 'own',
  reopen: 'common',
  mark_spam: 'common',
  search_history: 'common',
}

export function me(change: Partial<Me> = {}): Me {
  return {
    member: {
      ...METTE,
      email: 'mette@kk.example',
      role: 'guide',
      teams: ['borgerservice'],
      languages: ['da'],
      skills: [],
      capacity: 3,
      ui_language: 'da',
      active: true,
    },
    teams: [{ id: 'borgerservice', name: 'Borgerservice' }],
    rights: FRONT,
    csrf_token: 'token',
    presence: 'online',
    ...change,
  }
}

export function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: 'c1',
    state: 'queued',
    kind: 'chat',
    channel: 'web',
    language: 'da',
    service: { id: 'pas', title: 'Pas til voksne' },
    reason: 'asked',
    priority: 0,
    team: 'borgerservice',
    assignee: null,
    waiting_seconds: 120,
    queued_at: '2026-11-23T10:00:00Z',
    last_message: { author: 'citizen', text: 'Hej', at: '2026-11-23T10:00:00Z' },
    unread: 0,
    snoozed_until: null,
    transfer: null,
    outcome: null,
    version: 1,
    ...change,
  }
}

export function message(seq: number, change: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    seq,
    author: 'citizen',
    author_name: null,
    text: `tekst ${seq}`,
    language: 'da',
    channel: 'web',
    created_at: '2026-11-23T10:00:00Z',
    card: null,
    delivery: null,
    address_label: null,
    ...change,
  }
}

export function detail(change: Partial<Conversation> = {}, messages: Message[] = [message(1)]): Detail {
  const shown = conversation(change)
  return {
    conversation: shown,
    summary: {
      service: shown.service,
      asked: ['Hvad koster et pas?'],
      slots: { area: '2200' },
      failed: [],
      language: shown.language,
      channel: shown.channel,
      waiting_seconds: shown.waiting_seconds,
    },
    messages,
    notes: [],
    activity: [{ kind: 'claimed', actor: 'staff', at: '2026-11-23T10:00:00Z', details: {} }],
    others: [],
    appointments: [],
    citizen: { label: 'Borger på web', channel: shown.channel, language: shown.language },
  }
}

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | 'lost'
export interface Asked {
  method: string
  path: string
  headers: Record<string, string>
  body: unknown
}

/** Answers requests by `METHOD /path`; a list of answers is used up, and its last one stays. */
export function server(routes: Record<string, Answer | Answer[]>): Asked[] {
  const asked: Asked[] = []
  const base = '/api/desk'
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const path = url.startsWith(base) ? url.slice(base.length) : url
    const headers = init.headers as Record<string, string>
    asked.push({ method: init.method!, path, headers, body: init.body ? JSON.parse(init.body as string) : undefined })
    const found = routes[`${init.method} ${path}`] ?? routes[`${init.method} ${path.split('?')[0]}`]
    const answer = Array.isArray(found) ? (found.length > 1 ? found.shift()! : found[0]!) : found
    if (answer === 'lost') throw new TypeError('network')
    if (!answer) return new Response(JSON.stringify({ error: { code: 'not_found', message: path } }), { status: 404 })
    const status = answer.status ?? 200
    return new Response(status === 204 ? null : JSON.stringify(answer.body ?? {}), { status, headers: answer.headers ?? {} })
  })
  return asked
}

export const refusal = (status: number, code: string, message = code): Answer => ({
  status,
  body: { error: { code, message } },
})

/** Lets what was begun come to its end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  await new Promise((resolve) => setTimeout(resolve))
}
