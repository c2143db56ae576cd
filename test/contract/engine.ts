import { describe } from 'vitest'

import type { Engine } from '../../src/evm/engine.ts'
import { accessCases } from './engine-access.ts'
import { contractCases } from './engine-contracts.ts'
import { earlyForkCases } from './engine-early-forks.ts'
import { forkCases } from './engine-forks.ts'
import { observerCases } from './engine-observer.ts'
import { rejectionCases } from './engine-rejections.ts'
import { switchCases } from './engine-switches.ts'
import { transactionCases } from './engine-transactions.ts'

/** What every engine behind the port keeps. @param engine is used by all cases, one after another and at once. */
export function engineContract(name: string, engine: Engine): void {
  describe(`${name} keeps the contract of an engine`, () => {
    describe('transactions', () => transactionCases(engine))
    describe('contracts', () => contractCases(engine))
    describe('rules of forks', () => forkCases(engine))
    describe('rules of the first forks', () => earlyForkCases(engine))
    describe('rejections', () => rejectionCases(engine))
    describe('switches', () => switchCases(engine))
    describe('reads and writes', () => accessCases(engine))
    describe('observers', () => observerCases(engine))
  })
}
