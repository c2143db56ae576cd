import { ask } from './client.ts'

/** Something that was found, and where it is shown. */
export interface Hit {
  readonly kind: 'block' | 'transaction' | 'account' | 'contract'
  readonly text: string
  readonly href: string
}

const MOST_CONTRACTS = 8

/** What a text may mean: a block's number or hash, a transaction's hash, an address, a part of a contract's name. */
export async function search(text: string): Promise<readonly Hit[]> {
  const plain = text.replaceAll(/[,_ ]/g, '')
  if (/^\d+$/.test(plain)) return blockHits(`0x${BigInt(plain).toString(16)}`)
  if (/^0x[0-9a-f]{64}$/i.test(plain)) return hashHits(plain)
  if (/^0x[0-9a-f]{40}$/i.test(plain)) {
    return [{ kind: 'account', text: plain, href: `/address/${plain}` }]
  }
  const { contracts } = await ask<{
    readonly contracts: readonly { readonly address: string; readonly name: string }[]
  }>('heddle_findContracts', text, MOST_CONTRACTS)
  return contracts.map(({ address, name }) => ({
    kind: 'contract',
    text: `${name} ${address}`,
    href: `/address/${address}`,
  }))
}

async function blockHits(number: string): Promise<readonly Hit[]> {
  const block = await ask<object | null>('eth_getBlockByNumber', number, false)
  const text = BigInt(number).toString()
  return block === null ? [] : [{ kind: 'block', text, href: `/block/${text}` }]
}

async function hashHits(hash: string): Promise<readonly Hit[]> {
  const [block, transaction] = await Promise.all([
    ask<object | null>('eth_getBlockByHash', hash, false),
    ask<object | null>('eth_getTransactionByHash', hash),
  ])
  return [
    ...(transaction === null
      ? []
      : [{ kind: 'transaction', text: hash, href: `/tx/${hash}` } as const]),
    ...(block === null ? [] : [{ kind: 'block', text: hash, href: `/block/${hash}` } as const]),
  ]
}
