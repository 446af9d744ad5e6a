/** What the server sends: the JSON of /api/desk. */

export type ListName = 'waiting' | 'mine' | 'team' | 'snoozed' | 'resolved'
export const LISTS: readonly ListName[] = ['waiting', 'mine', 'team', 'snoozed', 'resolved']

export type State = 'bot' | 'queued' | 'assigned' | 'waiting_citizen' | 'resolved'
export type Presence = 'online' | 'away' | 'offline'
export type Outcome = 'solved' | 'referred' | 'no_answer'
export type Extent = 'own' | 'team' | 'common' | 'everything'
export const ROLES = ['guide', 'specialist', 'ambassador', 'editor', 'administrator'] as const
export type Role = (typeof ROLES)[number]

export interface Named {
  id: string
  name: string
}

export interface Titled {
  id: string
  title: string
}

export interface Member extends Named {
  email: string
  role: Role
  teams: string[]
  languages: string[]
  skills: string[]
  capacity: number
  ui_language: string
  active: boolean
}

/** How a team, or the common queue, works. */
export interface Hours {
  auto_assign?: boolean
  /** Weekly hours such as `{"mo": ["10:00-16:00"]}`; null: the team is there when its people are. */
  hours?: Record<string, string[]> | null
  /** Days on which it is closed, as `2026-12-24`. */
  closed?: string[]
}

export interface Team extends Named, Hours {
  administrations: string[]
  services: string[]
}

export interface Colleague extends Named {
  presence: Presence
  teams: string[]
  languages: string[]
}

export interface Me {
  member: Member
  teams: Named[]
  /** Action by action how far it reaches; what is missing is not allowed. */
  rights: Record<string, Extent>
  csrf_token: string
  presence?: Presence
}

export interface Conversation {
  id: string
  state: State
  kind: 'chat' | 'message'
  channel: string
  language: string
  service: Titled | null
  reason: string
  /** Higher goes first. */
  priority: number
  team: string | null
  assignee: Named | null
  waiting_seconds: number
  queued_at: string
  last_message: { author: string; text: string; at: string } | null
  unread: number
  snoozed_until: string | null
  transfer: { from: Named; to: Named; note: string } | null
  outcome: string | null
  /** Grows with every change: what has a lower one is older news. */
  version: number
}

export type Counts = Partial<Record<ListName, number>>

export interface Page {
  items: Conversation[]
  next: string | null
  counts: Counts
}

export interface CardItem {
  text: string
  url: string | null
  verified: boolean
}

export interface Card {
  service: string
  title: string
  summary: string
  authority: { name: string; own: boolean; note: string | null } | null
  rows: { kind: string; label: string; items: CardItem[] }[]
  links: { title: string; url: string }[]
  source: { title: string; url: string } | null
  checked: string | null
}

export interface Message {
  id: string
  seq: number
  author: 'citizen' | 'guide' | 'staff' | 'system'
  author_name: string | null
  text: string
  language: string
  channel: string
  created_at: string
  card: Card | null
  /** How far it has come; null: nothing had to be sent. */
  delivery: string | null
  address_label: string | null
}

export interface Summary {
  service: Titled | null
  /** The citizen's last questions, the oldest first. */
  asked: string[]
  slots: Record<string, string>
  failed: string[]
  danger?: boolean
  language: string
  channel: string
  waiting_seconds: number
}

export interface Note {
  id: number
  author: string
  text: string
  at: string
}

export interface Activity {
  kind: string
  actor: string
  at: string
  details: Record<string, unknown>
}

export interface Other {
  id: string
  channel: string
  at: string
  service: Titled | null
}

export interface Appointment {
  id: string
  at: string
  title: string
  place: Named
  state: string
  reference: string
  zone: string
}

export interface Detail {
  conversation: Conversation
  summary: Summary
  messages: Message[]
  notes: Note[]
  activity: Activity[]
  others: Other[]
  appointments: Appointment[]
  citizen: { label: string; channel: string; language: string }
}

export interface Found {
  conversation: Conversation
  snippet: string
}

export interface KnowledgeHit {
  service: string
  title: string
  summary: string
  source: { title: string; url: string } | null
  checked: string | null
}

export interface Suggestion {
  service: string
  title: string
  /** In the citizen's language. */
  text: string
}

export interface CannedReply {
  id: number
  /** null: for every team. */
  team: string | null
  language: string
  shortcut: string
  title: string
  text: string
}

export interface KnowledgeNote {
  id: number
  service: Titled
  kind: 'wrong' | 'missing'
  text: string
  author: string
  at: string
  done: boolean
}

export interface DeadLetter {
  id: string
  conversation_id: string
  channel: string
  state: string
  error: string | null
  attempts: number
  created_at: string
}

export interface AuditEntry {
  id: number
  at: string
  actor: string | null
  action: string
  subject: string | null
  details: Record<string, unknown>
}

/** Seconds; null where there is nothing to measure. */
export interface Times {
  median: number | null
  p90: number | null
}

export interface Statistics {
  waiting: Times
  handling: Times
  guide_alone: { count: number; share: number | null }
  handovers: { service: Titled | null; language: string; count: number }[]
  ratings: { average: number | null; count: number; by_star: Record<string, number> }
  by_day: { day: string; conversations: number; handovers: number }[]
}

export type DeskEvent =
  | { type: 'conversation'; id: string; version?: number }
  | { type: 'message'; conversation: string; seq: number }
  | { type: 'typing'; conversation: string; who: string }
  | { type: 'presence'; member?: string; state?: Presence }
  | { type: 'counts'; counts?: Counts }
  | { type: 'resync' }

export interface Welcome {
  name: string
  email: string
  totp_secret: string
  totp_address: string
  expires_at: string
}
