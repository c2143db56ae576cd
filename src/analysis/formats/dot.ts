import { COUNTED, type DependencyGraph, EDGE_KINDS } from '../graph.ts'
import type { Location } from '../../state/location.ts'

/** The graph in Graphviz' language: an edge from each transaction to those that depend on it, labelled with what by. */
export function toDot(
  graph: DependencyGraph,
  nameOf: (location: Location) => string,
  labelOf: (tx: number) => string = (tx) => `${tx}`,
): string {
  const lines = ['digraph dependencies {', '  rankdir=LR', '  node [shape=box]']
  for (let tx = 0; tx < graph.transactions; tx++) {
    lines.push(`  t${tx} [label=${quote(labelOf(tx))}]`)
  }
  for (let edge = 0; edge < graph.edges; edge++) {
    const kind = EDGE_KINDS[graph.kind[edge]!]!
    const name = nameOf(graph.touches.locations[graph.location[edge]!]!)
    const style = COUNTED.has(kind) ? '' : ', style=dashed'
    lines.push(`  t${graph.from[edge]} -> t${graph.to[edge]} [label=${quote(name)}${style}]`)
  }
  return [...lines, '}', ''].join('\n')
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
