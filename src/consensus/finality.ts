import { invariant } from '../primitives/invariant.ts'
import { type Turn, change, tell } from './state.ts'
import type { ConsensusBlock, QuorumCertificate } from './types.ts'

/** Finalized blocks that are kept for validators who are behind. */
const KEPT_HEIGHTS = 64

/**
 * Two-round finality: a block is final when a child that was certified in the very next round certifies it. The voters of that child
 * hold its parent's certificate, and every later proposal has to show that it is on top of what they hold.
 */
export function finalizeBy(turn: Turn, certificate: QuorumCertificate): void {
  const child = turn.state.blocks.get(certificate.block)
  if (child === undefined || child.parent.round !== certificate.round - 1) return
  const block = turn.state.blocks.get(child.parent.block)
  if (block === undefined) return request(turn, child.parent.block)
  if (block.height > (turn.state.due ?? turn.state.finalized).height) change(turn, { due: block })
  finalizeDue(turn)
}

/** Tells what is due, oldest first, once no block between is missing. */
export function finalizeDue(turn: Turn): void {
  const { due, finalized } = turn.state
  if (due === undefined) return
  const path = pathTo(turn, due, finalized.height)
  if (path === undefined) return
  invariant(
    path[0]!.parent.block === finalized.id,
    `block ${path[0]!.id} is final beside ${finalized.id}`,
  )
  for (const block of path) tell(turn, { kind: 'finalized', block })
  const least = due.height - KEPT_HEIGHTS
  const blocks = new Map([...turn.state.blocks].filter(([, { height }]) => height >= least))
  const { size } = turn.state.roots
  // The newest may be of blocks that are on their way here.
  const isKept = ([id]: readonly [string, unknown], at: number): boolean =>
    blocks.has(id as ConsensusBlock['id']) || at >= size - KEPT_HEIGHTS
  const roots = new Map([...turn.state.roots].filter(isKept))
  change(turn, { finalized: due, due: undefined, blocks, roots })
}

/** Tells what became certified, oldest first. */
export function tellVoted(turn: Turn, certificate: QuorumCertificate): void {
  const block = turn.state.blocks.get(certificate.block)
  if (block === undefined || block.height <= turn.state.finalized.height) return
  const path: ConsensusBlock[] = []
  let at: ConsensusBlock | undefined = block
  while (
    at !== undefined &&
    at.id !== turn.state.voted.id &&
    at.height > turn.state.finalized.height
  ) {
    path.push(at)
    at = turn.state.blocks.get(at.parent.block)
  }
  for (const voted of path.toReversed()) tell(turn, { kind: 'voted', block: voted })
  if (path.length > 0) change(turn, { voted: block })
}

/** The blocks above `height` up to `block`, oldest first; undefined when one is missing, which is then asked for. */
function pathTo(turn: Turn, block: ConsensusBlock, height: number): ConsensusBlock[] | undefined {
  const path: ConsensusBlock[] = []
  let at = block
  while (at.height > height) {
    path.push(at)
    if (at.height === height + 1) break
    const parent = turn.state.blocks.get(at.parent.block)
    if (parent === undefined) {
      request(turn, at.parent.block)
      return undefined
    }
    at = parent
  }
  return path.toReversed()
}

/** Asks everybody for a block that is missing: once, and again when the round lasts or another begins. */
export function request(turn: Turn, block: ConsensusBlock['id']): void {
  const { requested } = turn.state
  if (requested.has(block)) return
  change(turn, { requested: new Set([...requested, block]) })
  tell(turn, { kind: 'broadcast', message: { kind: 'blockRequest', block } })
}
