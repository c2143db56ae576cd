import type { Common } from '@ethereumjs/common'
import { type EVMOpts, getActivePrecompiles } from '@ethereumjs/evm'

import type { Address } from '../../primitives/hex.ts'
import type { BlockEnv, Switches } from '../engine.ts'
import { createCommon } from './common.ts'
import { type Rig, createRig } from './machine.ts'

const MAX_COMMONS = 32
const MAX_IDLE_RIGS = 4

/** Machines by their rules: building one costs more than a transfer. One is with one transaction at a time. */
export class RigPool {
  private readonly eips: readonly number[]
  private readonly commons = new Map<string, Common>()
  private readonly idle = new Map<string, Rig[]>()

  constructor(eips: readonly number[]) {
    this.eips = eips
  }

  /** A machine for this block and these switches, of no one else's until it is given back. */
  async take({ rules, chainId }: BlockEnv, switches: Switches): Promise<Rig> {
    const unlimited = switches.unlimitedCodeSize === true
    const key = `${rules.fork}:${chainId}`
    let common = this.commons.get(key)
    if (common === undefined) {
      common = createCommon(rules.fork, chainId, this.eips)
      if (this.commons.size >= MAX_COMMONS) this.forget()
      this.commons.set(key, common)
    }
    const limits = {
      allowUnlimitedContractSize: unlimited,
      allowUnlimitedInitCodeSize: unlimited,
    }
    const moved = switches.movedPrecompiles
    if (moved !== undefined && moved.size > 0) {
      const customPrecompiles = movePrecompiles(common, moved)
      return createRig(common, { ...limits, customPrecompiles }, undefined)
    }
    const shelf = `${key}:${unlimited}`
    return this.idle.get(shelf)?.pop() ?? createRig(common, limits, shelf)
  }

  /** Puts a machine back that ended as it should; after an error it must not return. */
  give(rig: Rig): void {
    if (rig.shelf === undefined) return
    const idle = this.idle.get(rig.shelf) ?? []
    if (idle.length < MAX_IDLE_RIGS) idle.push(rig)
    this.idle.set(rig.shelf, idle)
  }

  private forget(): void {
    this.commons.clear()
    this.idle.clear()
  }
}

function movePrecompiles(
  common: Common,
  moved: ReadonlyMap<Address, Address>,
): NonNullable<EVMOpts['customPrecompiles']> {
  const active = getActivePrecompiles(common)
  const custom: NonNullable<EVMOpts['customPrecompiles']> = []
  for (const [from, to] of moved) {
    const precompile = active.get(from.slice(2))
    if (precompile === undefined) continue
    custom.push({ address: from }, { address: to, function: precompile })
  }
  return custom
}
