import type { Abi, AbiFunction, AbiParameter, Hex } from 'viem'
import { encodeFunctionData } from 'viem'

import { ask } from '../net/client.ts'
import { useBook } from '../net/contracts.ts'
import { parseArgument } from '../net/abi-input.ts'
import { decodeError, decodeOutput } from '../net/decode.ts'
import { useLive } from '../net/live.ts'
import { RpcFailure } from '../net/socket.ts'
import { type Signer, useSigners } from '../net/signers.ts'
import { Action, Field } from '../parts/action.tsx'
import { quantity, readEther } from '../parts/read-form.ts'
import { SignerSelect, readSigner } from '../parts/signer-select.tsx'
import { Empty } from '../parts/state.tsx'
import { Tag } from '../parts/tag.tsx'
import { Value } from '../parts/value.tsx'
import { Link } from '../router.tsx'

/** A form for each function of a contract: reading asks, writing sends. */
export function ContractForms({ address, abi }: { readonly address: string; readonly abi: Abi }) {
  const signers = useSigners()
  const functions = abi.filter((item) => item.type === 'function')
  if (functions.length === 0) {
    return (
      <Empty title="No ABI">
        No artefact in the node's folders (out, artifacts; --artefacts) has this code.
      </Empty>
    )
  }
  const reads = functions.filter(isRead)
  const writes = functions.filter((item) => !isRead(item))
  return (
    <div className="forms">
      <section aria-label="Read">
        <h3>Read</h3>
        {reads.map((item) => (
          <ReadForm key={signatureOf(item)} address={address} item={item} abi={abi} />
        ))}
      </section>
      <section aria-label="Write">
        <h3>Write</h3>
        {writes.map((item) => (
          <WriteForm
            key={signatureOf(item)}
            address={address}
            item={item}
            abi={abi}
            signers={signers}
          />
        ))}
      </section>
    </div>
  )
}

function ReadForm({ address, item, abi }: FormProps) {
  if (item.inputs.length === 0) return <LiveValue address={address} item={item} abi={abi} />
  return (
    <fieldset className="function">
      <Legend item={item} />
      <Action
        label="Read"
        run={async (form) => {
          const data = encode(item, form)
          const output = await called(ask<Hex>('eth_call', { to: address, data }, 'latest'), abi)
          return <Output item={item} data={data} output={output} />
        }}
      >
        <Inputs inputs={item.inputs} />
      </Action>
    </fieldset>
  )
}

/** What takes nothing is shown at once, and follows the chain. */
function LiveValue({ address, item, abi }: FormProps) {
  const data = encodeFunctionData({ abi: [item] })
  const { data: output, error } = useLive(['read', address, data], () =>
    called(ask<Hex>('eth_call', { to: address, data }, 'latest'), abi),
  )
  return (
    <div className="function function-live">
      <span className="method">{item.name}</span>
      <span>
        {output === undefined ? null : <Output item={item} data={data} output={output} />}
        {error === null ? null : <span className="soft">{error.message}</span>}
      </span>
    </div>
  )
}

interface FormProps {
  readonly address: string
  readonly item: AbiFunction
  readonly abi: Abi
}

function WriteForm({
  address,
  item,
  abi,
  signers,
}: FormProps & { readonly signers: readonly Signer[] }) {
  const isPayable = item.stateMutability === 'payable'
  return (
    <fieldset className="function">
      <Legend item={item} />
      <Action
        label="Send"
        run={async (form) => {
          const signer = readSigner(form, signers)
          const data = encode(item, form)
          const valueWei = isPayable ? readEther(form, 'value', 'Ether') : 0n
          const hash = await called(
            signer.send({ to: address, data, ...(isPayable && { value: quantity(valueWei) }) }),
            abi,
          )
          return <Sent hash={hash} />
        }}
      >
        <Inputs inputs={item.inputs} />
        {isPayable ? <Field label="Ether" name="value" value="0" /> : null}
        <SignerSelect signers={signers} />
      </Action>
    </fieldset>
  )
}

/** The link, and how it went once it is mined. */
export function Sent({ hash }: { readonly hash: string }) {
  const { data } = useLive(['sent', hash], () =>
    ask<{ readonly status: string } | null>('eth_getTransactionReceipt', hash),
  )
  return (
    <>
      <Link href={`/tx/${hash}`}>Transaction {hash.slice(0, 10)}…</Link>{' '}
      {data == null ? (
        <Tag kind="warn">in the pool</Tag>
      ) : data.status === '0x1' ? (
        <Tag kind="good">✓ succeeded</Tag>
      ) : (
        <Tag kind="bad">✕ failed</Tag>
      )}
    </>
  )
}

function Legend({ item }: { readonly item: AbiFunction }) {
  return (
    <legend>
      <span className="method">{item.name}</span>
      {item.stateMutability === 'payable' ? <Tag>payable</Tag> : null}
    </legend>
  )
}

function Inputs({ inputs }: { readonly inputs: readonly AbiParameter[] }) {
  return inputs.map((parameter, index) => (
    <Field
      key={index}
      label={`${parameter.name ?? `#${index}`} ${parameter.type}`}
      name={`argument${index}`}
      placeholder={/\]$|^tuple/.test(parameter.type) ? 'JSON' : undefined}
    />
  ))
}

function Output({
  item,
  data,
  output,
}: {
  readonly item: AbiFunction
  readonly data: Hex
  readonly output: Hex
}) {
  const values = decodeOutput([item], data, output)
  const found = (values ?? []).filter(({ parameter }) => parameter.type === 'address')
  const book = useBook(found.map(({ value }) => String(value)))
  if (values === undefined) return <code className="value">{output}</code>
  return values.map(({ name, parameter, value }, index) => (
    <span key={index} className="output">
      {name === '' ? null : <span className="soft">{name} </span>}
      <Value parameter={parameter} value={value} book={book} />
    </span>
  ))
}

function encode(item: AbiFunction, form: FormData): Hex {
  const args = item.inputs.map((parameter, index) => {
    const text = form.get(`argument${index}`)
    return parseArgument(parameter, typeof text === 'string' ? text : '')
  })
  return encodeFunctionData({ abi: [item], functionName: item.name, args })
}

/** A revert in the contract's words. */
async function called<T>(answer: Promise<T>, abi: Abi): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof RpcFailure) || typeof error.data !== 'string') throw error
    const why = decodeError(abi, error.data as Hex)
    if (why === undefined) throw error
    const values = why.args.map(({ name, value }) => `${name}: ${String(value)}`)
    throw new Error(`reverted: ${why.name}(${values.join(', ')})`, { cause: error })
  }
}

function isRead({ stateMutability }: AbiFunction): boolean {
  return stateMutability === 'view' || stateMutability === 'pure'
}

function signatureOf({ name, inputs }: AbiFunction): string {
  return `${name}(${inputs.map(({ type }) => type).join(',')})`
}
