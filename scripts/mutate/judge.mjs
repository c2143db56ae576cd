// One mutant after another: compiled or bundled in a workshop, then its room's tests in a process of their own.
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../prepare.mjs'
import { Workshop } from './workshop.mjs'

/** The tests' own numbers of random cases, from a fixed seed: what is noticed once is noticed again. */
const env = { FUZZ_SEED: '1', FUZZ_RUNS: '100', PRECOMPILE_SEED: '1', U256_SEED: '1' }
/** No test of a sound engine takes as long: it hangs, and would hang in CI. */
const PATIENCE_MS = 90_000
/** How many of the tests that noticed other mutants of a source run first: the next mutant is likely noticed by one of them. */
const MOST_FIRST = 4

/**
 * @typedef {object} Verdict
 * @property {'killed' | 'survived' | 'does not compile'} verdict
 * @property {string} [by] the test that noticed
 */

/** Judges mutants. */
export class Judge {
  #workshop = new Workshop()
  /** @type {Map<import('./rooms.mjs').Room, Awaited<ReturnType<Workshop['bundle']>>>} */
  #bundles = new Map()
  /** By source, which tests noticed its mutants, the last one first. @type {Map<string, { test: string, name: string }[]>} */
  #killers = new Map()
  #rooms
  #testsOf

  /**
   * @param {readonly import('./rooms.mjs').Room[]} rooms
   * @param {{ isQuick: boolean }} options `isQuick` leaves out the thorough tests
   */
  constructor(rooms, { isQuick }) {
    this.#rooms = rooms
    this.#testsOf = (room) => (isQuick ? room.quick : [...room.quick, ...room.thorough])
  }

  /**
   * Compiles and bundles what is to be broken, and runs it if there is somebody to report to.
   * @throws {Error} when tests of a room in `wanted` fail as they are
   */
  async prepare(wanted, report) {
    const rooms = this.#rooms
    await this.#workshop.prepare(rooms.flatMap(({ artefacts }) => artefacts))
    const all = [...new Set(rooms.flatMap(this.#testsOf))]
    const { standIn, files } = await this.#workshop.bundle(all)
    for (const room of rooms) {
      const own = this.#testsOf(room).map((test) => files[all.indexOf(test)])
      this.#bundles.set(room, { standIn, files: own })
    }
    if (report === undefined) return
    const sound = new Set()
    for (const room of wanted) {
      const key = this.#testsOf(room).join()
      if (sound.has(key)) continue
      sound.add(key)
      const startedMs = performance.now()
      const result = await runTests(this.#bundles.get(room))
      if (result.by !== undefined) throw new Error(`no mutant, but ${result.by}: ${result.message}`)
      report(
        `${room.folder}: tests pass in ${Math.round((performance.now() - startedMs) / 1000)} s`,
      )
    }
  }

  /** @returns {Promise<Verdict>} */
  async judge(mutant) {
    const { room } = mutant
    const isCompiled = mutant.file.includes('/assembly/')
    try {
      if (isCompiled) await this.#workshop.compile(room.artefacts, mutant)
      const bundle = isCompiled
        ? this.#bundles.get(room)
        : await this.#workshop.bundle(this.#testsOf(room), mutant)
      const killers = this.#killers.get(mutant.file) ?? []
      const tests = this.#testsOf(room)
      const first = killers.map(({ test, name }) => ({
        file: bundle.files[tests.indexOf(test)],
        name,
      }))
      const { by, file } = await runTests(bundle, mutant.fork, first)
      if (by === undefined) return { verdict: 'survived' }
      const test = tests[bundle.files.indexOf(file)]
      if (test !== undefined) {
        const others = killers.filter(({ name }) => name !== by)
        this.#killers.set(mutant.file, [{ test, name: by }, ...others].slice(0, MOST_FIRST))
      }
      return { verdict: 'killed', by }
    } catch (error) {
      if (!/AssemblyScript|Build failed/.test(error.message)) throw error
      return { verdict: 'does not compile' }
    } finally {
      if (isCompiled) this.#workshop.restore(room.artefacts)
    }
  }

  end() {
    this.#workshop.remove()
  }
}

/** @returns {Promise<{ by?: string, file?: string, message?: string }>} which test failed, if one did */
function runTests({ standIn, files }, since, first = []) {
  const request = JSON.stringify({ standIn, files, first })
  const child = fork(join(root, 'scripts', 'mutate', 'run.mjs'), [request], {
    // Forks before have nothing to say of it.
    env: { ...process.env, ...env, ...(since !== undefined && { FORKS_SINCE: since }) },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return new Promise((resolve) => {
    let place = 'the beginning'
    let timer
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(() => finish({ by: `${place} (hangs)` }), PATIENCE_MS)
    }
    const finish = (result) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      resolve(result)
    }
    child.on('message', (message) => {
      if (message.kind === 'passed') finish({})
      else if (message.kind === 'failed') finish({ ...message, by: message.name })
      else {
        place = message.name
        wait()
      }
    })
    child.on('exit', (code, signal) => finish({ by: `${place} (ends with ${signal ?? code})` }))
    wait()
  })
}
