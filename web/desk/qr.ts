/** QR codes of level M from text, as ISO/IEC 18004 has them: the secret of the sign-in must not leave this page. */

/** Version by version, from 1: error correction bytes per block, and how many blocks. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24]
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10]
const LEVEL_M = 0

/** Rows of modules; true is dark. Throws a RangeError for text too long for the largest size here. */
export function qrCode(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text)
  const version = CORRECTION.findIndex((_, index) => bytes.length + header(index + 1) <= capacity(index + 1)) + 1
  if (version === 0) throw new RangeError('too long for a QR code')
  const codewords = interleaved(padded(bytes, version), version)
  const candidates = Array.from({ length: 8 }, (_, mask) => drawn(version, codewords, mask))
  return candidates.reduce((best, next) => (penalty(next) < penalty(best) ? next : best))
}

/** Bytes for the mode and the length, rounded up: four bits and eight or sixteen. */
const header = (version: number): number => (version < 10 ? 2 : 3)
const size = (version: number): number => version * 4 + 17

/** All modules that carry data or correction, in bits. */
function rawBits(version: number): number {
  let bits = (16 * version + 128) * version + 64
  if (version >= 2) {
    const patterns = Math.floor(version / 7) + 2
    bits -= (25 * patterns - 10) * patterns - 55
    if (version >= 7) bits -= 36
  }
  return bits
}

const total = (version: number): number => Math.floor(rawBits(version) / 8)
const capacity = (version: number): number => total(version) - CORRECTION[version - 1]! * BLOCKS[version - 1]!

function padded(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = []
  const push = (value: number, length: number): void => {
    for (let at = length - 1; at >= 0; at--) bits.push((value >>> at) & 1)
  }
  push(0b0100, 4)
  push(bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) push(byte, 8)
  const room = capacity(version) * 8
  push(0, Math.min(4, room - bits.length))
  push(0, (8 - (bits.length % 8)) % 8)
  for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) push(pad, 8)
  return Array.from({ length: bits.length / 8 }, (_, at) => parseInt(bits.slice(at * 8, at * 8 + 8).join(''), 2))
}

/** Multiplication in the field of 256 elements that the standard uses. */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

function correction(data: number[], length: number): number[] {
  const divisor: number[] = Array.from({ length }, (_, at) => (at === length - 1 ? 1 : 0))
  for (let power = 0, root: number = 1; power < length; power++, root = times(root, 2)) {
    for (let at = 0; at < length; at++) divisor[at] = times(divisor[at]!, root) ^ (divisor[at + 1] ?? 0)
  }
  const rest: number[] = Array.from({ length }, () => 0)
  for (const byte of data) {
    const factor = byte ^ rest.shift()!
    rest.push(0)
    divisor.forEach((part, at) => (rest[at]! ^= times(part, factor)))
  }
  return rest
}

/** Short blocks first; the bytes of all blocks take turns. */
function interleaved(data: number[], version: number): number[] {
  const [blocks, length] = [BLOCKS[version - 1]!, CORRECTION[version - 1]!]
  const short = Math.floor(data.length / blocks)
  const shorter = blocks - (data.length % blocks)
  const parts: number[][] = []
  for (let at = 0, block = 0; block < blocks; block++) {
    const end = at + short + (block < shorter ? 0 : 1)
    parts.push(data.slice(at, end))
    at = end
  }
  const checks = parts.map((part) => correction(part, length))
  const turns = (rows: number[][], columns: number): number[] =>
    Array.from({ length: columns }, (_, column) => rows.flatMap((row) => row[column] ?? [])).flat()
  return [...turns(parts, short + 1), ...turns(checks, length)]
}

const MASKS: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

function drawn(version: number, codewords: number[], mask: number): boolean[][] {
  const width = size(version)
  const grid: (boolean | null)[][] = Array.from({ length: width }, () => Array.from({ length: width }, () => null))
  const set = (x: number, y: number, dark: boolean): void => {
    if (x >= 0 && y >= 0 && x < width && y < width) grid[y]![x] = dark
  }

  for (let at = 0; at < width; at++) {
    set(6, at, at % 2 === 0)
    set(at, 6, at % 2 === 0)
  }
  for (const [x, y] of [[3, 3], [width - 4, 3], [3, width - 4]] as const) {
    for (let dy = -4; dy <= 4; dy++) {
      for (let dx = -4; dx <= 4; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy))
        set(x + dx, y + dy, ring !== 2 && ring !== 4)
      }
    }
  }
  const centres = alignment(version)
  const last = centres.length - 1
  centres.forEach((y, row) =>
    centres.forEach((x, column) => {
      // Three corners have the large patterns.
      if ((row === 0 && column === 0) || (row === 0 && column === last) || (row === last && column === 0)) return
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1)
      }
    }),
  )

  const format = withCheck((LEVEL_M << 3) | mask, 10, 0x537) ^ 0x5412
  const bit = (value: number, at: number): boolean => ((value >>> at) & 1) !== 0
  for (let at = 0; at <= 5; at++) set(8, at, bit(format, at))
  set(8, 7, bit(format, 6))
  set(8, 8, bit(format, 7))
  set(7, 8, bit(format, 8))
  for (let at = 9; at < 15; at++) set(14 - at, 8, bit(format, at))
  for (let at = 0; at < 8; at++) set(width - 1 - at, 8, bit(format, at))
  for (let at = 8; at < 15; at++) set(8, width - 15 + at, bit(format, at))
  set(8, width - 8, true)
  if (version >= 7) {
    const number = withCheck(version, 12, 0x1f25)
    for (let at = 0; at < 18; at++) {
      const [a, b] = [width - 11 + (at % 3), Math.floor(at / 3)]
      set(a, b, bit(number, at))
      set(b, a, bit(number, at))
    }
  }

  let at = 0
  for (let right = width - 1; right >= 1; right -= 2) {
    // The column of the timing pattern is left out.
    if (right === 6) right = 5
    for (let step = 0; step < width; step++) {
      for (const x of [right, right - 1]) {
        const upwards = ((right + 1) & 2) === 0
        const y = upwards ? width - 1 - step : step
        if (grid[y]![x] !== null) continue
        const dark = at < codewords.length * 8 && bit(codewords[at >>> 3]!, 7 - (at & 7))
        grid[y]![x] = dark !== MASKS[mask]!(x, y)
        at++
      }
    }
  }
  return grid as boolean[][]
}

function alignment(version: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2
  const positions = Array.from({ length: count - 1 }, (_, at) => size(version) - 7 - at * step)
  return [6, ...positions.reverse()]
}

function withCheck(value: number, length: number, generator: number): number {
  let rest = value
  for (let at = 0; at < length; at++) rest = (rest << 1) ^ ((rest >>> (length - 1)) * generator)
  return (value << length) | rest
}

/** The standard's measure of what is hard to read: long runs, blocks, false finder patterns, imbalance. */
function penalty(grid: boolean[][]): number {
  const width = grid.length
  const lines = [...grid, ...grid.map((_, x) => grid.map((row) => row[x]!))]
  let points = 0
  for (const line of lines) {
    for (let start = 0, at = 1; at <= width; at++) {
      if (at < width && line[at] === line[start]) continue
      if (at - start >= 5) points += at - start - 2
      start = at
    }
    const text = line.map(Number).join('')
    for (let at = 0; at + 11 <= width; at++) {
      const part = text.slice(at, at + 11)
      if (part === '10111010000' || part === '00001011101') points += 40
    }
  }
  for (let y = 0; y + 1 < width; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const [a, b, c, d] = [grid[y]![x], grid[y]![x + 1], grid[y + 1]![x], grid[y + 1]![x + 1]]
      if (a === b && b === c && c === d) points += 3
    }
  }
  const dark = grid.flat().filter(Boolean).length / width ** 2
  return points + Math.floor(Math.abs(dark - 0.5) * 20) * 10
}
