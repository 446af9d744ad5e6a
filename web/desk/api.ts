/** The server's routes as functions. */
import type {
  AuditEntry,
  CannedReply,
  Card,
  Colleague,
  Conversation,
  DeadLetter,
  Detail,
  Found,
  Hours,
  KnowledgeHit,
  KnowledgeNote,
  ListName,
  Me,
  Member,
  Message,
  Outcome,
  Page,
  Presence,
  Statistics,
  Suggestion,
  Team,
  Welcome,
} from './contract'
import { Http } from './http'

const BASE = '/api/desk'
export type Draft<T> = Omit<T, 'id'>
export type Action = 'claim' | 'return' | 'reopen' | 'spam' | 'withdraw-transfer' | 'transfer/accept'

/** Joins what is not empty: `?a=1&b=2`. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text && `?${text}`
}

const at = (id: string, rest = ''): string => `${BASE}/conversations/${encodeURIComponent(id)}${rest}`
const part = (name: string, id: string | number): string => `${BASE}/${name}/${encodeURIComponent(id)}`

export class Api {
  readonly http: Http

  constructor(http = new Http()) {
    this.http = http
  }

  // Session.
  ways(): Promise<{ password: boolean; provider: boolean }> {
    return this.http.json('GET', `${BASE}/sign-in`)
  }
  signIn(email: string, password: string, totp: string): Promise<Me> {
    return this.http.json('POST', `${BASE}/session`, { email, password, totp })
  }
  signOut(): Promise<void> {
    return this.http.json('DELETE', `${BASE}/session`)
  }
  me(): Promise<Me> {
    return this.http.json('GET', `${BASE}/me`)
  }
  chooseLanguage(language: string): Promise<void> {
    return this.http.json('PUT', `${BASE}/me/language`, { language })
  }
  lookAtLink(token: string): Promise<Welcome> {
    return this.http.json('GET', part('welcome', token))
  }
  redeemLink(token: string, password: string, totp: string): Promise<{ recovery_codes: string[] }> {
    return this.http.json('POST', part('welcome', token), { password, totp })
  }
  setPresence(state: Presence): Promise<void> {
    return this.http.json('PUT', `${BASE}/presence`, { state })
  }
  heartbeat(): Promise<void> {
    return this.http.json('POST', `${BASE}/heartbeat`)
  }

  // Conversations.
  list(list: ListName, after: string | null = null): Promise<Page> {
    return this.http.json('GET', `${BASE}/conversations${query({ list, after })}`)
  }
  search(q: string, after: string | null = null): Promise<{ items: Found[]; next?: string | null }> {
    return this.http.json('GET', `${BASE}/search${query({ q, after })}`)
  }
  conversation(id: string): Promise<Detail> {
    return this.http.json('GET', at(id))
  }
  async messages(id: string, after: number): Promise<Message[]> {
    const { messages } = await this.http.json<{ messages: Message[] }>('GET', at(id, `/messages?after=${after}`))
    return messages
  }
  async suggestions(id: string): Promise<Suggestion[]> {
    const { items } = await this.http.json<{ items: Suggestion[] }>('GET', at(id, '/suggestions'))
    return items
  }
  act(id: string, action: Action): Promise<Conversation | undefined> {
    return this.http.json('POST', at(id, `/${action}`))
  }
  say(
    id: string,
    words: { text: string; client_message_id: string; card?: { service: string; aspect?: string } },
  ): Promise<{ message_id: string; seq: number }> {
    return this.http.json('POST', at(id, '/messages'), words)
  }
  note(id: string, text: string): Promise<unknown> {
    return this.http.json('POST', at(id, '/notes'), { text })
  }
  transfer(id: string, to: { team: string } | { member: string }, note: string): Promise<unknown> {
    return this.http.json('POST', at(id, '/transfer'), { ...to, note })
  }
  decline(id: string, note: string): Promise<unknown> {
    return this.http.json('POST', at(id, '/transfer/decline'), { note })
  }
  snooze(id: string, until: string): Promise<unknown> {
    return this.http.json('POST', at(id, '/snooze'), { until })
  }
  resolve(id: string, outcome: Outcome, note: string): Promise<unknown> {
    return this.http.json('POST', at(id, '/resolve'), note ? { outcome, note } : { outcome })
  }
  read(id: string, seq: number): Promise<unknown> {
    return this.http.json('POST', at(id, '/read'), { seq })
  }
  typing(id: string): Promise<unknown> {
    return this.http.json('POST', at(id, '/typing'))
  }

  // Knowledge.
  async knowledge(q: string, lang: string): Promise<KnowledgeHit[]> {
    const { items } = await this.http.json<{ items: KnowledgeHit[] }>('GET', `${BASE}/knowledge${query({ q, lang })}`)
    return items
  }
  card(service: string, lang: string): Promise<Card> {
    return this.http.json('GET', part('knowledge', service) + query({ lang }))
  }
  report(service: string, kind: 'wrong' | 'missing', text: string): Promise<unknown> {
    return this.http.json('POST', `${part('knowledge', service)}/notes`, { text, kind })
  }
  async knowledgeNotes(): Promise<KnowledgeNote[]> {
    return (await this.http.json<{ items: KnowledgeNote[] }>('GET', `${BASE}/knowledge-notes`)).items
  }
  noteDone(id: number): Promise<unknown> {
    return this.http.json('POST', `${part('knowledge-notes', id)}/done`)
  }

  // Canned replies.
  async canned(): Promise<CannedReply[]> {
    return (await this.http.json<{ items: CannedReply[] }>('GET', `${BASE}/canned-replies`)).items
  }
  addCanned(reply: Draft<CannedReply>): Promise<CannedReply> {
    return this.http.json('POST', `${BASE}/canned-replies`, reply)
  }
  changeCanned(id: number, reply: Draft<CannedReply>): Promise<CannedReply> {
    return this.http.json('PUT', part('canned-replies', id), reply)
  }
  removeCanned(id: number): Promise<void> {
    return this.http.json('DELETE', part('canned-replies', id))
  }
  async fill(id: number, conversation: string): Promise<string> {
    const body = { conversation_id: conversation }
    return (await this.http.json<{ text: string }>('POST', `${part('canned-replies', id)}/fill`, body)).text
  }

  /** To whom a conversation can be offered. */
  async colleagues(): Promise<Colleague[]> {
    return (await this.http.json<{ items: Colleague[] }>('GET', `${BASE}/colleagues`)).items
  }

  // Administration.
  async members(): Promise<Member[]> {
    return (await this.http.json<{ members: Member[] }>('GET', `${BASE}/members`)).members
  }
  /** The one-time link is shown this once. */
  addMember(member: Partial<Member>): Promise<{ member: Member; link: string }> {
    return this.http.json('POST', `${BASE}/members`, member)
  }
  changeMember(id: string, change: Partial<Member>): Promise<Member> {
    return this.http.json('PATCH', part('members', id), change)
  }
  memberLink(id: string): Promise<{ link: string }> {
    return this.http.json('POST', `${part('members', id)}/link`)
  }
  async teams(): Promise<Team[]> {
    return (await this.queues()).teams
  }
  /** The teams, and how the common queue works. */
  queues(): Promise<{ teams: Team[]; common?: Hours }> {
    return this.http.json('GET', `${BASE}/teams`)
  }
  saveTeam(id: string, team: Pick<Team, 'name' | 'administrations' | 'services'>): Promise<Team> {
    return this.http.json('PUT', part('teams', id), team)
  }
  /** null: of the common queue. */
  saveHours(id: string | null, hours: Hours): Promise<unknown> {
    return this.http.json('PUT', id === null ? `${BASE}/common-queue/hours` : `${part('teams', id)}/hours`, hours)
  }
  async audit(before: number | null = null): Promise<AuditEntry[]> {
    return (await this.http.json<{ entries: AuditEntry[] }>('GET', `${BASE}/audit${query({ before })}`)).entries
  }
  async deadLetters(): Promise<DeadLetter[]> {
    return (await this.http.json<{ items: DeadLetter[] }>('GET', `${BASE}/dead-letters`)).items
  }
  resend(id: string): Promise<unknown> {
    return this.http.json('POST', `${part('dead-letters', id)}/resend`)
  }
  statistics(from: string, to: string, team: string): Promise<Statistics> {
    return this.http.json('GET', `${BASE}/statistics${query({ from, to, team })}`)
  }
  statisticsFile(from: string, to: string, team: string): string {
    return `${BASE}/statistics.csv${query({ from, to, team })}`
  }
  events(lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.http.stream(`${BASE}/events`, lastEventId, signal)
  }
}
