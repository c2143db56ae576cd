import { getBalance, getCode, getTransactionCount } from 'viem/actions'

import { AccountActions } from '../address/account-actions.tsx'
import '../address/address.css'
import { ContractForms } from '../address/contract-forms.tsx'
import { Storage } from '../address/storage.tsx'
import { AddressTransactions } from '../address/transactions.tsx'
import { client } from '../net/client.ts'
import { useBook } from '../net/contracts.ts'
import { useLive } from '../net/live.ts'
import { formatCount } from '../parts/format.ts'
import { Address, Hex, Wei } from '../parts/hex.tsx'
import { Fact, Facts, Panel } from '../parts/panel.tsx'
import { Answer, Empty } from '../parts/state.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { Tag } from '../parts/tag.tsx'
import { ask } from '../net/client.ts'
import type { PageProps } from '../routes.ts'
import type { Contract } from '../net/contracts.ts'

type AddressText = `0x${string}`

/** An account: what it has, what it did, and if it is a contract what it holds and how it is called. */
export default function AddressPage({ parts }: PageProps) {
  const { address = '' } = parts
  if (!/^0x[0-9a-f]{40}$/i.test(address)) {
    return <Empty title="No address">{`"${address}" is no address: 0x and 40 hex digits.`}</Empty>
  }
  return <Account key={address} address={address as AddressText} />
}

function Account({ address }: { readonly address: AddressText }) {
  const account = useLive(['account', address], () => loadAccount(address))
  const book = useBook([address])
  const name = book.nameOf(address)
  return (
    <>
      <div className="page-head">
        <h1 className={name === undefined ? 'mono' : undefined}>{name ?? address}</h1>
        {account.data === undefined ? null : (
          <Tag>{account.data.code === '0x' ? 'account' : 'contract'}</Tag>
        )}
      </div>
      <Answer query={account} what="Account">
        {({ balance, nonce, code, contract }) => (
          <>
            <Panel title="Account">
              <Facts>
                <Fact name="Address">
                  <Hex value={address} what="address" whole />
                </Fact>
                <Fact name="Balance">
                  <Wei value={balance} digits={18} />
                </Fact>
                <Fact name="Nonce">{formatCount(nonce)}</Fact>
                {contract === null ? null : <ContractFacts contract={contract} />}
              </Facts>
              <AccountActions address={address} />
            </Panel>
            <Tabs
              label="Parts of the account"
              tabs={[
                {
                  id: 'transactions',
                  label: 'Transactions',
                  content: () => <AddressTransactions address={address} />,
                },
                ...(code === '0x'
                  ? []
                  : [
                      {
                        id: 'call',
                        label: 'Read and write',
                        content: () => (
                          <ContractForms address={address} abi={book.abiOf(address)} />
                        ),
                      },
                      {
                        id: 'storage',
                        label: 'Storage',
                        content: () => <Storage address={address} />,
                      },
                      {
                        id: 'code',
                        label: 'Code',
                        content: () => <Code code={code} />,
                      },
                    ]),
              ]}
            />
          </>
        )}
      </Answer>
    </>
  )
}

async function loadAccount(address: AddressText) {
  const [balance, nonce, code = '0x', contract] = await Promise.all([
    getBalance(client, { address }),
    getTransactionCount(client, { address }),
    getCode(client, { address }),
    ask<Contract | null>('heddle_getContract', address),
  ])
  return { balance, nonce, code, contract }
}

function ContractFacts({ contract }: { readonly contract: Contract }) {
  const { source, implementation } = contract
  return (
    <>
      <Fact name="Source">
        {source ?? <span className="soft">no artefact in the node's folders has this code</span>}
      </Fact>
      {implementation === null ? null : (
        <Fact name="Runs the code of">
          <Address value={implementation} whole />
        </Fact>
      )}
    </>
  )
}

function Code({ code }: { readonly code: string }) {
  return (
    <div className="code">
      <p className="soft">{formatCount((code.length - 2) / 2)} bytes</p>
      <code>{code}</code>
    </div>
  )
}
