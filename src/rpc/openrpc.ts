import type { Json } from './backend.ts'
import type { Method } from './method.ts'

/** An OpenRPC document of the methods: names, parameters, results. */
export function openRpcDocument(methods: ReadonlyMap<string, Method>, version: string): Json {
  const listed = [...methods].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    openrpc: '1.3.2',
    info: { title: 'heddle JSON-RPC', version },
    methods: listed.map(([name, { params, result }]) => ({
      name,
      paramStructure: 'by-position',
      params: params.map((one) => ({
        name: one.name,
        required: !one.optional,
        schema: one.schema,
      })),
      result: { name: 'result', schema: result },
    })),
  }
}
