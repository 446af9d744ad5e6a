import type { Credentials, Language } from './contract'
import type { Pending } from './state'

/** What outlives the page, so that the conversation goes on after a reload or on the next page. */
export interface Kept {
  conversation: Credentials | null
  /** The language the citizen chose, if any: it goes before the page's. */
  language: string | null
  languages: Language[]
  draft: string
  pending: Pending[]
  ratings: Record<string, boolean>
  /** Sequence number of the last message seen with the panel open. */
  read: number
}

const NOTHING: Kept = {
  conversation: null,
  language: null,
  languages: [],
  draft: '',
  pending: [],
  ratings: {},
  read: 0,
}

type Area = Pick<Storage, 'getItem' | 'setItem'>

/** Storage can be switched off; merely touching it then throws. The chat works on, only without memory. */
function area(get: () => Storage): Area {
  try {
    const storage = get()
    storage.getItem('')
    return storage
  } catch {
    const memory = new Map<string, string>()
    return { getItem: (key) => memory.get(key) ?? null, setItem: (key, value) => void memory.set(key, value) }
  }
}

export class Store {
  readonly #key: string
  readonly #local = area(() => localStorage)
  readonly #session = area(() => sessionStorage)

  /** Named after the gateway, so that a test and a production guide on one site do not mix. */
  constructor(base: string) {
    this.#key = `borger-guide ${base}`
  }

  read(): Kept {
    try {
      return { ...NOTHING, ...(JSON.parse(this.#local.getItem(this.#key) ?? '{}') as Partial<Kept>) }
    } catch {
      return { ...NOTHING }
    }
  }

  /** Always reads before it writes: another tab may have changed the other fields. */
  write(change: Partial<Kept>): void {
    try {
      this.#local.setItem(this.#key, JSON.stringify({ ...this.read(), ...change }))
    } catch {
      // Full: the conversation is on the server anyway.
    }
  }

  /** One pending message at a time, so that two tabs do not erase each other's. */
  keepPending(pending: Pending): void {
    this.write({ pending: [...this.read().pending.filter((p) => p.clientId !== pending.clientId), pending] })
  }

  dropPending(clientId: string): void {
    const { pending } = this.read()
    if (pending.some((p) => p.clientId === clientId)) {
      this.write({ pending: pending.filter((p) => p.clientId !== clientId) })
    }
  }

  /** The interface texts that came from this address, if they are the ones kept. */
  texts(address: string): unknown {
    try {
      const kept = JSON.parse(this.#local.getItem(`${this.#key} texts`) ?? '{}') as { address?: string; texts?: unknown }
      return kept.address === address ? kept.texts : null
    } catch {
      return null
    }
  }

  /** One language at a time, so that the next page opens in it at once and does not turn round under the reader. */
  keepTexts(address: string, texts: unknown): void {
    try {
      this.#local.setItem(`${this.#key} texts`, JSON.stringify({ address, texts }))
    } catch {
      // See write().
    }
  }

  /** null: the citizen has neither opened nor closed the panel in this tab yet. */
  get open(): boolean | null {
    const value = this.#session.getItem(this.#key)
    return value === null ? null : value === 'open'
  }

  set open(open: boolean) {
    try {
      this.#session.setItem(this.#key, open ? 'open' : 'closed')
    } catch {
      // See write().
    }
  }

  /** Calls back when another tab changed something; the storage event never fires in the tab that wrote. */
  watch(changed: () => void, signal: AbortSignal): void {
    addEventListener(
      'storage',
      (event) => {
        // A null key means that everything was cleared.
        if (event.key === this.#key || event.key === null) changed()
      },
      { signal },
    )
  }
}
