import { createColors } from 'picocolors'
import { describe, expect, it } from 'vitest'

import {
  type BannerFacts,
  bannerObject,
  configObject,
  endpoint,
  renderBanner,
} from '../../../src/cli/banner.ts'
import { deriveAccounts } from '../../../src/node/accounts.ts'
import { DEFAULT_NODE_CONFIG } from '../../../src/node/defaults.ts'

const plain = createColors(false)
const accountsConfig = { ...DEFAULT_NODE_CONFIG.accounts, count: 2 }
const config = { ...DEFAULT_NODE_CONFIG, accounts: accountsConfig, workers: 2 }
const facts: BannerFacts = {
  version: '1.2.3',
  config,
  accounts: deriveAccounts(accountsConfig),
  described: {
    storage: 'memory (--data-dir .heddle to keep)',
    rules: 'osaka',
    engine: 'ethereumjs',
    executor: 'serial, 2 threads',
    signatures: 'native',
    artefacts: '3 contracts in out',
  },
  genesis: {
    chainId: 31_337n,
    number: 0n,
    timestamp: 1_700_000_000n,
    gasLimit: 30_000_000n,
    baseFeeWei: 1_000_000_000n,
    balancesWei: [10n ** 22n, 25n * 10n ** 17n],
  },
  host: '127.0.0.1',
  port: 8545,
  ipcPath: undefined,
  ui: true,
}

describe('renderBanner', () => {
  it("has Anvil's headings, then what this node runs on", () => {
    expect(renderBanner(facts, plain)).toBe(String.raw`

     _              _     _ _
    | |__   ___  __| | __| | | ___
    | '_ \ / _ \/ _' |/ _' | |/ _ \
    | | | |  __/ (_| | (_| | |  __/
    |_| |_|\___|\__,_|\__,_|_|\___|

    1.2.3
    a local Ethereum dev chain

Available Accounts
==================

(0) 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 (10000.000000000000000000 ETH)
(1) 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 (2.500000000000000000 ETH)

Private Keys
==================

(0) 0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
(1) 0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d

Wallet
==================
Mnemonic:          test test test test test test test test test test test junk
Derivation path:   m/44'/60'/0'/0/


Chain ID
==================

31337

Base Fee
==================

1000000000

Gas Limit
==================

30000000

Genesis Timestamp
==================

1700000000

Genesis Number
==================

0

State:       memory (--data-dir .heddle to keep)
Artefacts:   3 contracts in out
Runs on:     rules osaka; engine ethereumjs; executor serial, 2 threads; signatures native
Page:        http://127.0.0.1:8545

WARNING: These accounts and their private keys are publicly known.
Any funds sent to them on a live network WILL BE LOST.

Listening on 127.0.0.1:8545
`)
  })

  it('has a gas price before London, as Anvil', () => {
    const text = renderBanner(
      { ...facts, genesis: { ...facts.genesis, baseFeeWei: undefined } },
      plain,
    )
    expect(text).toContain('\nGas Price\n==================\n\n1875000000\n\n')
    expect(text).not.toContain('Base Fee')
  })

  it('says when blocks have no gas limit', () => {
    const text = renderBanner(
      { ...facts, config: { ...config, disableBlockGasLimit: true } },
      plain,
    )
    expect(text).toContain('\nGas Limit\n==================\n\nDisabled\n\n')
  })

  it('warns of rules that may change', () => {
    const described = { ...facts.described, rules: 'amsterdam (experimental)' }
    const text = renderBanner({ ...facts, described }, plain)
    expect(text).toContain('rules amsterdam (experimental); engine')
    expect(text).toContain('WARNING: The rules are those of amsterdam (experimental)')
  })

  it('does not call the keys of another mnemonic public', () => {
    const accounts = { ...accountsConfig, mnemonic: 'one two' }
    const text = renderBanner({ ...facts, config: { ...config, accounts } }, plain)
    expect(text).not.toContain('WARNING')
  })

  it('names the IPC path', () => {
    const text = renderBanner({ ...facts, ipcPath: '/tmp/x.ipc' }, plain)
    expect(text).toMatch(/Listening on 127\.0\.0\.1:8545\nListening on \/tmp\/x\.ipc\n$/)
  })

  it('is coloured on demand only', () => {
    expect(renderBanner(facts, plain)).not.toContain('\u001b[')
    expect(renderBanner(facts, createColors(true))).toContain('\u001b[')
  })
})

describe('bannerObject', () => {
  it('says the same as JSON', () => {
    expect(JSON.parse(JSON.stringify(bannerObject(facts)))).toEqual({
      kind: 'listening',
      version: '1.2.3',
      host: '127.0.0.1',
      port: 8545,
      page: 'http://127.0.0.1:8545',
      chainId: 31337,
      hardfork: 'osaka',
      accounts: facts.accounts.map(({ privateKey }, index) => ({
        address: [
          '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
          '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
        ][index],
        privateKey,
        balanceWei: ['10000000000000000000000', '2500000000000000000'][index],
      })),
      mnemonic: accountsConfig.mnemonic,
      derivationPath: "m/44'/60'/0'/0/",
      baseFeeWei: '1000000000',
      gasLimit: 30_000_000,
      genesisTimestamp: 1_700_000_000,
      genesisNumber: 0,
      state: 'memory (--data-dir .heddle to keep)',
      rules: 'osaka',
      artefacts: '3 contracts in out',
      engine: 'ethereumjs',
      executor: 'serial, 2 threads',
      workers: 2,
      signatures: 'native',
      warnings: [
        'WARNING: These accounts and their private keys are publicly known.\n' +
          'Any funds sent to them on a live network WILL BE LOST.',
      ],
    })
  })
})

describe('configObject', () => {
  it("is what Anvil's --config-out writes", () => {
    expect(configObject(facts)).toEqual({
      available_accounts: facts.accounts.map(({ address }) => address),
      private_keys: facts.accounts.map(({ privateKey }) => privateKey),
      wallet: { mnemonic: accountsConfig.mnemonic, derivation_path: "m/44'/60'/0'/0/" },
      base_fee: '1000000000',
      gas_price: '1875000000',
      gas_limit: '30000000',
      genesis_timestamp: '1700000000',
    })
  })
})

describe('endpoint', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:1'],
    ['::1', '[::1]:1'],
    ['localhost', 'localhost:1'],
  ])('%s', (host, shown) => {
    expect(endpoint(host, 1)).toBe(shown)
  })
})
