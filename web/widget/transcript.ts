import type { Message } from './contract'
import type { Words } from './texts'
import { authorName } from './view/message'

/** The conversation as plain text. `text` says the same as a card, so nothing is lost. */
export function transcript(messages: Message[], words: Words): string {
  const lines = [words.say('title'), words.say('machine'), '']
  for (const message of messages) {
    lines.push(`${words.day(message.created_at)} ${words.time(message.created_at)} – ${authorName(message, words)}`)
    lines.push(message.text, '')
  }
  // Windows' Notepad once needed it, and nothing else minds.
  return lines.join('\r\n').replace(/\r?\n/g, '\r\n')
}

export function download(text: string, fileName: string): void {
  // The byte order mark makes old programs read æ, ø and å as UTF-8.
  const url = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/plain;charset=utf-8' }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = fileName
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
