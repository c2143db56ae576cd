// Writes src/rpc/METHODS.md: each method, who else has it, and what is left out and why.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOf, renderTable } from './methods/table.mjs'
import { ensureBuilt, root } from './prepare.mjs'

await ensureBuilt()
const { createNode } = await import('../dist/index.js')
const node = await createNode()
const { methods } = await node.request({ method: 'rpc_discover' })
await node.close()
const names = methods.map(({ name }) => name)
const { params } = methods.find(({ name }) => name === 'eth_subscribe')
const faults = faultsOf(names)
const parametersOf = (name) =>
  methods
    .find((each) => each.name === name)
    .params.map((each) => `${each.name}${each.required ? '' : '?'}`)
    .join(', ')
const text = renderTable(names, parametersOf, params[0].schema.enum)
writeFileSync(join(root, 'src', 'rpc', 'METHODS.md'), text)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
