/** What outlives the page. Storage can be switched off or full; the desk then works on, only without memory. */
export type Area = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Merely touching storage that is switched off throws. */
export function safeArea(get: () => Storage): Area {
  try {
    const storage = get()
    storage.getItem('')
    return storage
  } catch {
    const memory = new Map<string, string>()
    return {
      getItem: (key) => memory.get(key) ?? null,
      setItem: (key, value) => void memory.set(key, value),
      removeItem: (key) => void memory.delete(key),
    }
  }
}

/** One value under one key, as JSON. Always read before written: another tab may have changed it. */
export class Kept<T> {
  readonly #area: Area
  readonly #initial: T
  #key: string

  constructor(area: Area, key: string, initial: T) {
    this.#area = area
    this.#key = key
    this.#initial = initial
  }

  /** From now on under another key: somebody else has signed in. */
  rename(key: string): void {
    this.#key = key
  }

  read(): T {
    try {
      const text = this.#area.getItem(this.#key)
      return text === null ? this.#initial : (JSON.parse(text) as T)
    } catch {
      return this.#initial
    }
  }

  /** Whether it is safely there. */
  write(value: T): boolean {
    try {
      this.#area.setItem(this.#key, JSON.stringify(value))
      return true
    } catch {
      return false
    }
  }

  clear(): void {
    this.#area.removeItem(this.#key)
  }
}
