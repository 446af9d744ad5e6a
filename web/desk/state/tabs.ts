/** Several tabs of one member tell each other who is signed in; what is stored they see by themselves. */
export type News = { kind: 'signed-in' } | { kind: 'signed-out' }

const CHANNEL = 'borger-desk'

export class Tabs {
  readonly #channel: BroadcastChannel | null
  readonly #listeners = new Set<(news: News) => void>()

  constructor(channel: BroadcastChannel | null = openChannel()) {
    this.#channel = channel
    if (channel) channel.onmessage = ({ data }: MessageEvent<News>) => this.#listeners.forEach((hear) => hear(data))
  }

  /** To the other tabs; never back to this one. */
  tell(news: News): void {
    this.#channel?.postMessage(news)
  }

  hear(listener: (news: News) => void): void {
    this.#listeners.add(listener)
  }

  close(): void {
    this.#channel?.close()
  }
}

function openChannel(): BroadcastChannel | null {
  return typeof BroadcastChannel === 'function' ? new BroadcastChannel(CHANNEL) : null
}

/** Runs `work` while no other tab runs its own of that name; where tabs cannot agree, it simply runs. */
export async function alone(name: string, work: () => Promise<void>): Promise<void> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks
  if (!locks) return work()
  await locks.request(`${CHANNEL} ${name}`, work)
}

/** As `alone`, but leaves it to the tab that is at it already. */
export async function byOneTab(name: string, work: () => Promise<void>): Promise<void> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks
  if (!locks) return work()
  await locks.request(`${CHANNEL} ${name}`, { ifAvailable: true }, (lock) => (lock ? work() : undefined))
}
