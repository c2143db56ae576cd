import { describe, expect, it } from 'vitest'

import { CERTIFICATE_FORMAT, type Certificate } from '../../../src/analysis/certificate.ts'
import { verifyCertificate } from '../../../src/analysis/verify-certificate.ts'
import { certifyBlock, certifySteps } from '../../../src/chain/certify.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { createSerialExecutor } from '../../../src/executor/serial.ts'
import { encodeHeader, headerHash } from '../../../src/model/codec/header.ts'
import { bytesToHex } from '../../../src/primitives/hex.ts'
import { applyChanges } from '../../../src/state/world.ts'
import { openCase } from '../../contract/law-case.ts'
import { SCENARIOS } from '../../contract/law-scenarios.ts'
import { devChain, send, transfer } from '../../support/dev-chain.ts'

const engine = await loadWasmEngine()

/** As it comes over the wire. */
interface Plain {
  blockNumber: number
  stateRoot: string
  header: string
  readonly locations: string[]
  readonly before: string[]
  readonly steps: {
    readonly reads: [location: number, value: string, writer: number][]
    readonly writes: [location: number, value: string][]
  }[]
  readonly after: [location: number, value: string][]
  readonly proofs: unknown[]
}

async function certificateOf(name: string): Promise<Plain> {
  const opened = openCase(SCENARIOS[name]!)
  const executed = await createSerialExecutor(engine).execute(opened.block, opened.view)
  if (executed.kind !== 'executed') throw new Error(executed.kind)
  const after = applyChanges(opened.version, ...executed.changes)
  const header = { ...opened.block.header, stateRoot: after.stateRoot }
  const steps = [[], ...executed.accesses.map((access) => [access]), []]
  const certificate: Certificate = {
    format: CERTIFICATE_FORMAT,
    blockNumber: Number(header.number),
    blockHash: headerHash(header),
    stateRoot: after.stateRoot,
    header: bytesToHex(encodeHeader(header)),
    transactions: executed.transactions.map(({ hash }) => hash),
    ...certifySteps(steps, opened.view, after),
  }
  return JSON.parse(JSON.stringify(certificate)) as Plain
}

const executable = await (async () => {
  const names: string[] = []
  for (const [name, it] of Object.entries(SCENARIOS)) {
    const { block, view } = openCase(it)
    const { kind } = await createSerialExecutor(engine).execute(block, view)
    if (kind === 'executed') names.push(name)
  }
  return names
})()

/** Each way to make one entry wrong, from the places where there are entries of the kind. */
const FORGERIES: Readonly<Record<string, (it: Plain) => readonly (() => void)[]>> = {
  'the value of a read': ({ steps, locations }) =>
    steps.flatMap(({ reads }) =>
      reads.map((read) => () => (read[1] = another(locations[read[0]]!, read[1]))),
    ),
  'the writer of a read': ({ steps }) =>
    steps.flatMap(({ reads }) => reads.map((read) => () => (read[2] += 1))),
  'the last write of a location, by nothing': ({ steps, locations }) => {
    const last = new Map<number, () => void>()
    const wiped = new Set<string>()
    for (const { writes } of steps) {
      for (const [at, [location, value]] of writes.entries()) {
        last.set(location, () => void writes.splice(at, 1))
        if (value === 'destroyed' || value === 'recreated')
          wiped.add(locations[location]!.slice(2, 44))
      }
    }
    // What wipes an account writes all of it.
    return [...last].flatMap(([location, leaveOut]) =>
      wiped.has(locations[location]!.slice(2, 44)) ? [] : [leaveOut],
    )
  },
  'what is left': ({ after, locations }) =>
    after.map((entry) => () => (entry[1] = another(locations[entry[0]]!, entry[1]))),
  'what is left, by one': ({ after }) =>
    after.map((_: unknown, at: number) => () => void after.splice(at, 1)),
  'a proof': ({ proofs }) =>
    proofs.map((_: unknown, at: number) => () => void proofs.splice(at, 1)),
}

function another(location: string, value: string): string {
  if (location.startsWith('l:')) return value === 'there' ? 'gone' : 'there'
  if (location.startsWith('c:')) return `0x${'ab'.repeat(32)}`
  if (value === 'empty') return 'notEmpty'
  if (value === 'notEmpty') return 'empty'
  if (value.startsWith('>=')) return `<${value.slice(2)}`
  if (value.startsWith('<')) return `>=${value.slice(1)}`
  return value === '0x1' ? '0x2' : '0x1'
}

describe.each(executable)('the certificate of %s', (name) => {
  it('holds', async () => {
    const it = await certificateOf(name)
    const verdict = verifyCertificate(it)
    expect(verdict.kind === 'fails' ? verdict.problems : []).toEqual([])
    expect(verdict).toMatchObject({ kind: 'holds', proven: it.proofs.length })
  })

  it.each(Object.keys(FORGERIES))('does not hold with another in place of %s', async (kind) => {
    const whole = await certificateOf(name)
    const count = FORGERIES[kind]!(structuredClone(whole)).length
    // All would be thousands.
    for (let at = 0; at < count; at += Math.max(1, Math.ceil(count / 12))) {
      const forged = structuredClone(whole)
      FORGERIES[kind]!(forged)[at]!()
      expect(verifyCertificate(forged), `${kind} ${at}`).toMatchObject({ kind: 'fails' })
    }
  })
})

describe('a certificate that is wrong', () => {
  const problemOf = (it: unknown): string | undefined => {
    const verdict = verifyCertificate(it)
    return verdict.kind === 'fails' ? verdict.problems[0] : undefined
  }

  it('is refused with the entry that is wrong', async () => {
    const whole = await certificateOf('all on one hot slot')
    const change = (make: (it: Plain) => unknown): string | undefined => {
      const it = structuredClone(whole)
      make(it)
      return problemOf(it)
    }
    const place = whole.locations.findIndex((it) => it.startsWith('s:'))
    const at = whole.steps[2]!.reads.findIndex(([location]) => location === place)
    const slot = whole.locations[place]!
    expect(change((it) => (it.steps[2]!.reads[at]![2] = 0))).toBe(
      `steps[2].reads[${at}]: ${slot} is said to be from step 0, but the last write before it is from step 1`,
    )
    expect(change((it) => (it.steps[2]!.reads[at]![1] = '0x7'))).toBe(
      `steps[2].reads[${at}]: ${slot} was read as 0x7, but step 1 left 0x1`,
    )
    expect(change((it) => (it.steps[2]!.reads[at]![0] = 999))).toMatch(
      /^steps\[2\]\.reads\[\d+\]\[0\]: expected a number from 0 to \d+, got 999$/,
    )
    expect(change((it) => it.steps.pop())).toBe(
      'steps: 25, expected 26: one for each of 24 transactions, one before and one after',
    )
    expect(change((it) => (it.stateRoot = `0x${'ab'.repeat(32)}`))).toMatch(
      /^stateRoot: the header has 0x/,
    )
    expect(change((it) => (it.header = '0xc0'))).toMatch(/^header: its hash is 0x/)
    expect(change((it) => (it.blockNumber = 77))).toMatch(/^blockNumber: the header has/)
    expect(change((it) => (it.before[place] = 'x'))).toBe(
      `before[${place}]: expected a quantity, got "x"`,
    )
  })

  it.each([
    [null, 'certificate: expected an object, got null'],
    [[], 'certificate: expected an object, got []'],
    [{}, 'format: expected heddle-certificate-1, got nothing'],
    [{ result: null }, 'result: expected an object, got null'],
    [{ format: CERTIFICATE_FORMAT }, 'locations: expected a list, got nothing'],
  ])('is refused when it is %j', (it, problem) => {
    expect(problemOf(it)).toBe(problem)
  })
})

describe('a block of a chain', () => {
  it('is certified by its record, and without one by running it again', async () => {
    const dev = devChain()
    dev.chain.recordings.limit = 1
    for (const from of [0, 1, 2]) send(dev, transfer(from, 0n))
    await dev.mine()
    const { head } = dev.chain
    const certify = () => certifyBlock(dev.chain, engine, head, (tx) => dev.optionsOf(tx), true)
    const asMined = await certify()
    dev.chain.recordings.limit = 0
    const again = await certify()
    if (asMined.kind !== 'certified' || again.kind !== 'certified')
      throw new Error('no certificate')
    expect([asMined.run, again.run]).toEqual(['as mined', 'again, now'])
    expect(asMined.certificate).toEqual(again.certificate)
    expect(asMined.certificate.steps.length).toBe(5)
    expect(asMined.certificate.steps[0]!.writes.length).toBeGreaterThan(0)
    const verdict = verifyCertificate(asMined.certificate)
    expect(verdict).toMatchObject({ kind: 'holds' })
    expect(
      await certifyBlock(dev.chain, engine, dev.chain.history.genesis, () => ({}), false),
    ).toEqual({ kind: 'first' })
  })
})
