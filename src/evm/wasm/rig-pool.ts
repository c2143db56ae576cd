import type { Observer } from '../observer.ts'
import type { Written } from './context.ts'
import { Instance, loadModule } from './instance.ts'
import { Listener } from './listener.ts'
import type { Session } from './session.ts'

/** An instance and what belongs to it. With one transaction at a time. */
export interface Rig {
  readonly instance: Instance
  readonly written: Written
  readonly listener: Listener | undefined
  session: Session | undefined
}

const MAX_IDLE = 4

/** Instances of both artefacts. The one for observers is compiled when it is first wanted. */
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
    if (observer === undefined) return this.takeBare()
    if (this.#hookedNow !== undefined) return this.#takeHooked(this.#hookedNow, observer)
    this.#hooked ??= loadModule('engine-hooked')
    return this.#hooked.then((module) => {
      this.#hookedNow = module
      return this.#takeHooked(module, observer)
    })
  }

  takeBare(): Rig {
    return this.#idle.pop() ?? newRig(this.#bare, undefined)
  }

  #takeHooked(module: WebAssembly.Module, observer: Observer): Rig {
    const rig = this.#idleHooked.pop() ?? newRig(module, new Listener())
    rig.listener!.begin(rig, observer)
    return rig
  }

  /** Puts a rig back that ended as it should; after an error it must not return. */
  give(rig: Rig): void {
    rig.session = undefined
    rig.listener?.end()
    if (rig.instance.isTooLarge) return
    const idle = rig.listener === undefined ? this.#idle : this.#idleHooked
    if (idle.length < MAX_IDLE) idle.push(rig)
  }
}

function newRig(module: WebAssembly.Module, listener: Listener | undefined): Rig {
  const imports = listener === undefined ? {} : { hooks: listener.imports }
  const instance = new Instance(module, imports)
  return { instance, written: { env: undefined }, listener, session: undefined }
}
