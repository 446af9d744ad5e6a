/** Who is signed in. */
import { signal } from '@preact/signals'
import type { Api } from '../api'
import type { Me, Presence } from '../contract'
import { ApiError } from '../http'

/** `away`: the server does not answer, so nobody knows. */
export type Standing = 'unknown' | 'away' | 'out' | 'in'

export class Session {
  readonly standing = signal<Standing>('unknown')
  readonly me = signal<Me | null>(null)
  readonly presence = signal<Presence>('offline')
  /** The session ended by itself; whoever comes back finds everything as it was. */
  readonly ended = signal(false)
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
    api.http.onSignedOut = () => this.end()
    api.http.renewCsrf = () => this.#renew()
  }

  async load(): Promise<void> {
    try {
      this.accept(await this.#api.me())
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.standing.value = 'out'
      else this.standing.value = 'away'
    }
  }

  async signIn(email: string, password: string, totp: string): Promise<void> {
    this.accept(await this.#api.signIn(email, password, totp))
  }

  accept(me: Me): void {
    this.#api.http.csrf = me.csrf_token
    this.me.value = me
    this.presence.value = me.presence ?? 'offline'
    this.ended.value = false
    this.standing.value = 'in'
  }

  /** The server says that there is no session (any more). */
  end(): void {
    if (this.standing.value === 'in') this.ended.value = true
    this.#leave()
  }

  /** By the member's own will, in this tab or in another. */
  close(): void {
    this.ended.value = false
    this.#leave()
  }

  #leave(): void {
    this.#api.http.csrf = null
    this.standing.value = 'out'
  }

  async #renew(): Promise<void> {
    this.accept(await this.#api.me())
  }

  async setPresence(state: Presence): Promise<void> {
    const before = this.presence.value
    this.presence.value = state
    try {
      await this.#api.setPresence(state)
    } catch (error) {
      this.presence.value = before
      throw error
    }
  }
}
