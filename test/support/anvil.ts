import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { peerBinary } from './peers.ts'

/** Anvil on a free port of its own. */
interface Anvil extends AsyncDisposable {
  readonly url: string
  stop(): Promise<void>
}

/** Anvil with our hardfork. @param flags besides `--port` and `--hardfork` */
export async function spawnAnvil(flags: readonly string[] = []): Promise<Anvil> {
  const args = ['--port', '0', '--hardfork', 'osaka', ...flags]
  const child = spawn(peerBinary('anvil'), args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const port = await new Promise<string>((resolve) => {
    let text = ''
    child.stdout.on('data', (piece) => {
      text += String(piece)
      const found = /Listening on \S+:(\d+)/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
  }
  return { url: `http://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop }
}
