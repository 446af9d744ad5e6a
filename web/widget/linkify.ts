export type Piece = { text: string; href?: string }

// International with +; Danish in pairs, fours or one block, first digit 2 to 9; short numbers.
const URL_OR_NUMBER =
  /https?:\/\/[^\s<>"'`]+|\+45(?:[ \u00a0]?\d){8}|\+\d{1,3}(?:[ \u00a0-]?\d{1,4}){2,6}|[2-9]\d(?:[ \u00a0]\d\d){3}|[2-9]\d{3}[ \u00a0]\d{4}|[2-9]\d{7}|1813|11[24]/gi

/** Words before digits that make them something other than a telephone number. */
const NOT_A_PHONE = /(?:cvr|cpr|ean|p-?nr|sag\S*|case|journal\S*|§|\bnr\.?|\bno\.?|side|page|konto\S*|account)[\s.:-]*$/i
const MONEY_AFTER = /^\s?(?:kr\b|dkk|eur|€|%|,-)/i

/** Cuts plain text into pieces, some of which are links. Nothing is ever read as markup. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = []
  let done = 0
  const link = (start: number, end: number, href: string): void => {
    if (start > done) pieces.push({ text: text.slice(done, start) })
    pieces.push({ text: text.slice(start, end), href })
    done = end
  }
  for (const match of text.matchAll(URL_OR_NUMBER)) {
    const start = match.index
    if (/^http/i.test(match[0])) {
      const url = withoutTrailingMarks(match[0])
      const href = safeUrl(url)
      if (href) link(start, start + url.length, href)
      continue
    }
    const number = match[0]
    const href = phone(number, text.slice(Math.max(0, start - 20), start), text.slice(start + number.length))
    if (href) link(start, start + number.length, href)
  }
  if (done < text.length) pieces.push({ text: text.slice(done) })
  return pieces
}

/** Only schemes that cannot run anything. Null for all else, and the text then stays text. */
export function safeUrl(url: string): string | null {
  try {
    const parsed = new URL(url)
    return ['http:', 'https:', 'tel:', 'mailto:'].includes(parsed.protocol) ? parsed.href : null
  } catch {
    return null
  }
}

/** In "(see https://kk.dk/tid)." neither the full stop nor the bracket belongs to the address. */
function withoutTrailingMarks(url: string): string {
  let end = url.length
  for (; end > 0; end--) {
    const last = url[end - 1]!
    if (last === ')' && count(url.slice(0, end), '(') >= count(url.slice(0, end), ')')) break
    if (!/[.,;:!?)\]}»”’*]/.test(last)) break
  }
  return url.slice(0, end)
}

function count(text: string, mark: string): number {
  return text.split(mark).length - 1
}

/** A wrong telephone link is worse than a missing one, so only clear cases count. */
function phone(number: string, before: string, after: string): string | null {
  // Part of something longer: a word, a date, an account or case number.
  if (/[\p{L}\d][.,:/-]?$/u.test(before) || /\d[ \u00a0]$/.test(before)) return null
  if (/^[.,:/-]?[\p{L}\d]/u.test(after) || /^[ \u00a0]\d/.test(after)) return null
  if (NOT_A_PHONE.test(before) || MONEY_AFTER.test(after)) return null
  // "2023 2024" and "20240515" are years and dates.
  if (/^20\d\d[ \u00a0]?(?:20\d\d|[01]\d[0-3]\d)$/.test(number)) return null
  const digits = number.replace(/\D/g, '')
  if (number.startsWith('+')) return digits.length >= 8 && digits.length <= 15 ? `tel:+${digits}` : null
  return digits.length === 8 ? `tel:+45${digits}` : `tel:${digits}`
}
