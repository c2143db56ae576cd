import { it } from 'vitest'
import { spawn } from 'node:child_process'
import { createNode } from '/work/main/src/node/create-node.ts'
import { loadContract } from '/work/main/test/support/contracts.ts'
import { encodeFunctionData, encodeDeployData, getContractAddress } from 'viem'
import { peerBinary } from '/work/main/test/support/peers.ts'
it('x', async () => {
  const port = 18999
  const child = spawn(peerBinary('anvil'), ['--port', String(port), '--silent', '--steps-tracing'], { stdio: 'ignore' })
  const anvil = async (method: string, params: unknown[]) => {
    const r = await (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })).json() as any
    if (r.error) throw new Error(method + JSON.stringify(r.error)); return r.result
  }
  await using node = await createNode({ workers: 1, mining: { kind: 'auto' } } as any)
  try {
    for (let i = 0; i < 100; i++) { try { await anvil('eth_chainId', []); break } catch { await new Promise((r) => setTimeout(r, 50)) } }
    await anvil('anvil_setCoinbase', ['0x0000000000000000000000000000000000000000'])
    const from = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
    let nonce = 0n
    const c: any = Object.fromEntries(['Diagnostics', 'WETH', 'ERC20', 'Router', 'PairFactory', 'ERC1967Proxy', 'NameRegistry'].map((n) => [n, loadContract(n)]))
    const txs: [string, any][] = []
    const at = (n: number) => getContractAddress({ from, nonce: BigInt(n) })
    const dep = (n: string, args: unknown[] = []) => { txs.push([`new ${n}`, { data: encodeDeployData({ abi: c[n].abi, bytecode: c[n].bytecode, args }) }]); return at(txs.length - 1) }
    const call = (n: string, to: string, functionName: string, args: unknown[] = [], value = '0x0') => txs.push([`${n}.${functionName}`, { to, data: encodeFunctionData({ abi: c[n].abi, functionName, args }), value }])
    const d = dep('Diagnostics'), w = dep('WETH'), a = dep('ERC20', ['A', 'A', 10n ** 24n]), b = dep('ERC20', ['B', 'B', 10n ** 24n]), f = dep('PairFactory'), r = dep('Router', [f]), impl = dep('NameRegistry')
    const p = dep('ERC1967Proxy', [impl, encodeFunctionData({ abi: c.NameRegistry.abi, functionName: 'initialize', args: [from] })])
    call('Diagnostics', d, 'catchBelow', [7n]); call('Diagnostics', d, 'bubble', [7n]); call('Diagnostics', d, 'logAll'); call('Diagnostics', d, 'panicOverflow'); call('Diagnostics', d, 'invalidOpcode'); call('Diagnostics', d, 'requireText', [false]); call('Diagnostics', d, 'infiniteRecursion')
    call('WETH', w, 'deposit', [], '0xde0b6b3a7640000'); call('WETH', w, 'transfer', [d, 5n]); call('WETH', w, 'withdraw', [5n])
    call('ERC20', a, 'approve', [r, 10n ** 30n]); call('ERC20', b, 'approve', [r, 10n ** 30n])
    call('Router', r, 'addLiquidity', [a, b, 10n ** 20n, 10n ** 20n, 0n, 0n, from, 2n ** 40n]); call('Router', r, 'swapExactTokensForTokens', [10n ** 18n, 0n, [a, b], from, 2n ** 40n])
    call('NameRegistry', p, 'register', ['me'])
    txs.push(['transfer', { to: d.replace('0x', '0x').slice(0, 40) + '99', value: '0x5' }])
    const tracers: [string, any][] = [
      ['call', { tracer: 'callTracer', tracerConfig: { withLog: true } }], ['pre', { tracer: 'prestateTracer' }], ['diff', { tracer: 'prestateTracer', tracerConfig: { diffMode: true } }],
      ['4byte', { tracer: '4byteTracer' }], ['struct', {}], ['structfull', {enableMemory: true, enableReturnData: true}], ['flat', { tracer: 'flatCallTracer', tracerConfig: { includePrecompiles: true } }]]
    const sort = (v: any): any => Array.isArray(v) ? v.map(sort) : v && typeof v === 'object' ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, sort(v[k])])) : v
    const firstDiff = (x: any, y: any, path = ''): string | undefined => {
      if (JSON.stringify(x) === JSON.stringify(y)) return
      if (x && y && typeof x === 'object' && typeof y === 'object') for (const k of new Set([...Object.keys(x), ...Object.keys(y)])) { const r = firstDiff(x[k], y[k], `${path}.${k}`); if (r) return r }
      return `${path}: ours ${JSON.stringify(x)?.slice(0, 200)} anvil ${JSON.stringify(y)?.slice(0, 200)}`
    }
    for (const [name, tx] of txs) {
      const full = { from, gas: '0x4c4b40', maxFeePerGas: '0x77359400', maxPriorityFeePerGas: '0x1', nonce: `0x${nonce.toString(16)}`, ...tx }
      nonce++
      const send = async (rq: any) => { const h = await rq('eth_sendTransaction', [full]).catch((e: any) => { console.log(name, 'send failed', e.message, e.data) ; return undefined}); return h }
      const h1: any = await send((m: string, params: any) => node.request({ method: m, params })), h2 = await send(anvil)
      if (!h1 || !h2) continue
      for (const [tn, opt] of tracers) {
        const one: any = sort(JSON.parse(JSON.stringify(await node.request({ method: 'debug_traceTransaction', params: [h1, opt] }).catch((e) => e.message))))
        const two: any = sort(await anvil('debug_traceTransaction', [h2, opt]).catch((e) => e.message))
        const clean = (v: any) => JSON.parse(JSON.stringify(v).replaceAll(/"blockHash":"0x[0-9a-f]+",?/g, '').replaceAll(h1, 'H').replaceAll(h2, 'H').replaceAll(/"codeHash":"0x[0-9a-f]+",?/g, '').replaceAll(/,}/g,'}').replaceAll(/"balance":"0x[0-9a-f]{14,}"/g,'"balance":"B"'))
        const x = clean(one), y = clean(two); if (tn==='call') { delete x.gas; delete y.gas }; if (tn === 'pre') { delete x['0x0000000000000000000000000000000000000000']; delete y['0x0000000000000000000000000000000000000000'] }; if (tn==='flat') continue; if (tn.startsWith('struct')) for (const v of [x, y]) for (const l of v.structLogs ?? []) { if (l.refund === 0) delete l.refund; if (l.memory?.length === 0) delete l.memory; if (l.storage) l.storage = Object.fromEntries(Object.entries(l.storage).map(([k, w]: any) => [k.replace(/^0x/, '').padStart(64, '0'), w.replace(/^0x/, '').padStart(64,'0')]).sort()); if (l.memory) l.memory = l.memory.map((w: string) => w.replace(/^0x/, '')); if (l.returnData === '0x') delete l.returnData }
        if (tn === 'pre') for (const v of [x, y]) for (const k of Object.keys(v)) if (v[k]?.balance === '0x0' && !v[k].nonce && !v[k].code) delete v[k];
        if (tn === 'diff') for (const v of [x.pre, y.pre]) for (const k of Object.keys(v)) if (v[k]?.balance === '0x0' && !v[k].nonce && !v[k].code) delete v[k];
         const r = firstDiff(x, y)
        if (r) console.log(name, tn, r)
      }
    }
    console.log('done', txs.length)
  } finally { child.kill() }
}, 600000)
