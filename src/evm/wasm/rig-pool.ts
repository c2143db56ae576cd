import type { Observer } from '../observer.ts'
import { loadModule } from './instance.ts'
import { Listener } from './listener.ts'
import { Machine } from './machine.ts'

/** A machine and who hears it. With one transaction at a time. */
export interface Rig {
  readonly machine: Machine
  readonly listener: Listener | undefined
}

const MAX_IDLE = 4

/** Machines of both artefacts. The one for observers is compiled when it is first wanted. */
export class RigPool {
  readonly #bare: WebAssembly.Module
  #hooked: Promise<WebAssembly.Module> | undefined
  #hookedNow: WebAssembly.Module | undefined
  readonly #idle: Rig[] = []
  readonly #idleHooked: Rig[] = []

  private constructor(bare: WebAssembly.Module) {
    this.#bare = bare
  }

  static async create(): Promise<RigPool> {
    return new RigPool(await loadModule('engine'))
  }

  /** A rig of no one else's until it is given back. */
  take(observer: Observer | undefined): Rig | Promise<Rig> {
    if (observer === undefined) {
      return this.#idle.pop() ?? { machine: new Machine(this.#bare), listener: undefined }
    }
    if (this.#hookedNow !== undefined) return this.#takeHooked(this.#hookedNow, observer)
    this.#hooked ??= loadModule('engine-hooked')
    return this.#hooked.then((module) => {
      this.#hookedNow = module
      return this.#takeHooked(module, observer)
    })
  }

  #takeHooked(module: WebAssembly.Module, observer: Observer): Rig {
    const rig = this.#idleHooked.pop() ?? newHookedRig(module)
    rig.listener!.begin(rig.machine, observer)
    return rig
  }

  /** Puts a rig back that ended as it should; after an error it must not return. */
  give(rig: Rig): void {
    rig.listener?.end()
    if (rig.machine.isTooLarge) return
    const idle = rig.listener === undefined ? this.#idle : this.#idleHooked
    if (idle.length < MAX_IDLE) idle.push(rig)
  }
}

function newHookedRig(module: WebAssembly.Module): Rig {
  const listener = new Listener()
  return { machine: new Machine(module, { hooks: listener.imports }), listener }
}
