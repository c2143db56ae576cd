/**
 * What runs inside the sandbox before a tracer: Geth's objects and functions over a handful of functions of the host. A step's numbers
 * come packed, bytes as ArrayBuffers, words as hexadecimal text; bytes go out as hexadecimal text. Its value takes the host's parts
 * and gives the calls that the host makes.
 */
export const PRELUDE = `(function (host, code, settings) {
  'use strict'
  const { config, names } = JSON.parse(settings)
  const bigInt = globalThis.bigInt
  const big = (digits) => bigInt(BigInt('0x' + digits))
  const DIGITS = Array.from({ length: 256 }, (_, byte) => (byte < 16 ? '0' : '') + byte.toString(16))

  const hexOf = (bytes) => {
    let text = ''
    for (let i = 0; i < bytes.length; i++) text += DIGITS[bytes[i]]
    return text
  }
  const fromHex = (text) => {
    let digits = /^0x/i.test(text) ? text.slice(2) : text
    if (digits.length % 2 === 1) digits = '0' + digits
    const bytes = new Uint8Array(digits.length / 2)
    for (let i = 0; i < bytes.length; i++) {
      const byte = Number('0x' + digits.slice(2 * i, 2 * i + 2))
      if (Number.isNaN(byte)) return new Uint8Array(0)
      bytes[i] = byte
    }
    return bytes
  }
  const bytesOf = (value, takesText) => {
    if (value instanceof Uint8Array) return value
    if (Array.isArray(value)) return Uint8Array.from(value)
    if (takesText && typeof value === 'string') return fromHex(value)
    throw new TypeError('invalid buffer type')
  }
  const fitted = (bytes, size) => {
    const out = new Uint8Array(size)
    const kept = bytes.length > size ? bytes.subarray(bytes.length - size) : bytes
    out.set(kept, size - kept.length)
    return out
  }
  const addressOf = (value) => hexOf(fitted(bytesOf(value, true), 20))
  const received = (buffer) => new Uint8Array(buffer)

  Object.assign(globalThis, {
    toHex: (value) => '0x' + hexOf(bytesOf(value, false)),
    toWord: (value) => fitted(bytesOf(value, true), 32),
    toAddress: (value) => fitted(bytesOf(value, true), 20),
    toContract: (from, nonce) => received(host.create(addressOf(from), Number(nonce))),
    toContract2: (from, salt, initCode) =>
      received(
        host.create2(addressOf(from), hexOf(fitted(fromHex(salt), 32)), hexOf(bytesOf(initCode, true))),
      ),
    isPrecompiled: (value) => host.isPrecompiled(addressOf(value)),
    slice(value, start, end) {
      const bytes = bytesOf(value, false)
      if (start < 0 || start > end || end > bytes.length) {
        const wanted = 'offset ' + start + ', size ' + (end - start)
        throw new RangeError('Tracer accessed out of bound memory: available ' + bytes.length + ', ' + wanted)
      }
      return bytes.slice(start, end)
    },
  })

  let place, gas, cost, sizes, refund, error
  const opcode = () => place % 256
  const log = {
    getPC: () => (place - opcode()) / 256,
    getGas: () => gas,
    getCost: () => cost,
    getDepth: () => Math.floor(sizes / 2048),
    getRefund: () => refund,
    getError: () => error,
    op: {
      toNumber: opcode,
      toString: () => names[opcode()],
      isPush: () => opcode() >= 0x5f && opcode() <= 0x7f,
    },
    stack: { length: () => sizes % 2048, peek: (index) => big(host.peek(index)) },
    memory: {
      length: () => host.memoryLength(),
      slice: (start, end) => received(host.memory(start, end)),
      getUint: (offset) => big(host.word(offset)),
    },
    contract: {
      getCaller: () => received(host.frame('caller')),
      getAddress: () => received(host.frame('address')),
      getValue: () => big(host.number('callValue')),
      getInput: () => received(host.frame('callData')),
    },
  }
  const db = {
    getBalance: (address) => big(host.balance(addressOf(address))),
    getNonce: (address) => host.nonce(addressOf(address)),
    getCode: (address) => received(host.code(addressOf(address))),
    getState: (address, key) =>
      received(host.slot(addressOf(address), hexOf(fitted(bytesOf(key, true), 32)))),
    exists: (address) => host.exists(addressOf(address)),
  }
  let entered
  const frame = {
    getType: () => entered.type,
    getFrom: () => received(host.frame('from')),
    getTo: () => received(host.frame('to')),
    getInput: () => received(host.frame('input')),
    getGas: () => entered.gas,
    getValue: () => (entered.hasValue ? big(host.number('value')) : undefined),
  }
  let left
  const frameResult = {
    getGasUsed: () => left.gasUsed,
    getOutput: () => received(host.frame('output')),
    getError: () => left.error,
  }
  const contextOf = (text) => {
    const { plain, bytes, big: bigs } = JSON.parse(text)
    const context = { ...plain }
    for (const [name, digits] of Object.entries(bigs)) context[name] = big(digits)
    for (const name of bytes) context[name] = received(host.context(name))
    return context
  }

  const tracer = (0, eval)('(' + code + '\\n)')
  const has = (name) => typeof tracer?.[name] === 'function'
  for (const name of ['result', 'fault']) {
    if (!has(name)) throw new TypeError('trace object must expose a function ' + name + '()')
  }
  if (has('enter') !== has('exit')) {
    throw new TypeError('trace object must expose either both or none of enter() and exit()')
  }
  return {
    hasStep: has('step'),
    hasEnter: has('enter'),
    setup() {
      if (has('setup')) tracer.setup(config)
    },
    step(...told) {
      ;[place, gas, cost, sizes, refund, error] = told
      tracer.step(log, db)
    },
    fault(...told) {
      ;[place, gas, cost, sizes, refund, error] = told
      tracer.fault(log, db)
    },
    enter(text) {
      entered = JSON.parse(text)
      tracer.enter(frame)
    },
    exit(text) {
      left = JSON.parse(text)
      tracer.exit(frameResult)
    },
    result: (text) => JSON.stringify(tracer.result(contextOf(text), db)) ?? 'null',
  }
})`
