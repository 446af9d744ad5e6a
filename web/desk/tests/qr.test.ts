import { describe, expect, it } from 'vitest'
import { qrCode } from '../qr'

const drawn = (rows: boolean[][]): string[] => rows.map((row) => row.map((dark) => (dark ? '#' : '.')).join(''))

describe('a QR code', () => {
  it('stays as a reader has read it', () => {
    expect(drawn(qrCode('HEJ'))).toMatchInlineSnapshot(`
      [
        "#######.##.##.#######",
        "#.....#..#.#..#.....#",
        "#.###.#...#.#.#.###.#",
        "#.###.#.##..#.#.###.#",
        "#.###.#.#...#.#.###.#",
        "#.....#.####..#.....#",
        "#######.#.#.#.#######",
        "........#..##........",
        "#...#.###.##.#####..#",
        "##.....###.##..#.####",
        ".#.#.##.##.#..###..#.",
        "...###.##.#..##.#....",
        "#####.###.#.###...##.",
        "........#...###....##",
        "#######.#...##...###.",
        "#.....#..#.##..#.#.##",
        "#.###.#.##.#..###.###",
        "#.###.#..#.##..#.#.##",
        "#.###.#...##..#####..",
        "#.....#...#..##.#.#..",
        "#######.###.###...#.#",
      ]
    `)
  })

  it.each([
    [14, 21],
    [15, 25],
    [122, 45],
    [123, 49],
    [412, 77],
  ])('of %i bytes has %i modules on a side', (length, side) => {
    const rows = qrCode('x'.repeat(length))
    expect(rows).toHaveLength(side)
    for (const row of rows) expect(row).toHaveLength(side)
  })

  it('has finder patterns in three corners and counts bytes, not letters', () => {
    const rows = qrCode('æøåæøåæ')
    expect(rows).toHaveLength(21)
    for (const [y, x] of [[0, 0], [0, 14], [14, 0]] as const) {
      expect(drawn(rows.slice(y, y + 7).map((row) => row.slice(x, x + 7)))).toEqual([
        '#######',
        '#.....#',
        '#.###.#',
        '#.###.#',
        '#.###.#',
        '#.....#',
        '#######',
      ])
    }
  })

  it('refuses what does not fit', () => {
    expect(() => qrCode('x'.repeat(500))).toThrow(RangeError)
  })
})
