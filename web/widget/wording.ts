import type { Api } from './api'
import type { Store } from './store'
import { addressOf, learn, primaryCode } from './texts'

/** Gets the texts of the languages that are not in the bundle, each when it is first wanted. */
export class Wording {
  readonly #api: Api
  readonly #store: Store
  readonly #arrived: () => void
  /** Addresses under way. */
  readonly #asked = new Set<string>()

  /** `arrived`: texts are here that were not, some time after they were wanted. */
  constructor(api: Api, store: Store, arrived: () => void) {
    this.#api = api
    this.#store = store
    this.#arrived = arrived
  }

  /**
   * Returns at once. What this browser kept is there then; else the texts are loaded, and until they arrive the
   * fallback is shown. After a failure the next call tries again.
   */
  want(language: string): void {
    const code = primaryCode(language)
    const address = addressOf(code)
    if (!address || this.#asked.has(address)) return
    if (!learn(code, this.#store.texts(address))) void this.#load(code, address)
  }

  async #load(code: string, address: string): Promise<void> {
    this.#asked.add(address)
    try {
      const texts = await this.#api.texts(address)
      if (!learn(code, texts)) return
      this.#store.keepTexts(address, texts)
      this.#arrived()
    } catch {
      // The guide speaks English meanwhile.
    } finally {
      this.#asked.delete(address)
    }
  }
}
