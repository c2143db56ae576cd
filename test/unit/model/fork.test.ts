import { describe, expect, it } from 'vitest'

import { EMPTY_ACCOUNT, isEmptyAccount } from '../../../src/model/account.ts'
import { FORKS, configAtFork, isActive, isForkName, rulesAt } from '../../../src/model/fork.ts'
import { EMPTY_ROOT } from '../../../src/primitives/keccak.ts'

describe('forks', () => {
  it.each(FORKS)('%s holds from genesis on, with all before it and none after', (fork) => {
    const rules = rulesAt(configAtFork(fork, 31337n), 0n, 0n)
    expect(rules.fork).toBe(fork)
    const reached = FORKS.indexOf(fork)
    for (const [index, other] of FORKS.entries()) {
      expect(isActive(rules, other)).toBe(index <= reached)
    }
    expect(rules.blob !== undefined).toBe(reached >= FORKS.indexOf('cancun'))
  })

  it('have names', () => {
    expect(isForkName('osaka')).toBe(true)
    expect(isForkName('merge')).toBe(false)
  })
})

describe('an account', () => {
  it('is empty by EIP-161 without nonce, balance and code', () => {
    expect(isEmptyAccount(EMPTY_ACCOUNT)).toBe(true)
    expect(isEmptyAccount({ ...EMPTY_ACCOUNT, nonce: 1n })).toBe(false)
    expect(isEmptyAccount({ ...EMPTY_ACCOUNT, balanceWei: 1n })).toBe(false)
    expect(isEmptyAccount({ ...EMPTY_ACCOUNT, codeHash: EMPTY_ROOT })).toBe(false)
  })
})
