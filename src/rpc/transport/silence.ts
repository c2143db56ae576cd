import type { Socket } from 'node:net'

/**
 * Ends a connection whose time without a sign of life is over, unless there is one that was not looked at yet: after a pause of the whole
 * process, timers come before what clients sent meanwhile.
 */
export function endWhereSilent(socket: Socket): void {
  const { bytesRead } = socket
  // Sockets are read between timers and this.
  setImmediate(() => {
    if (socket.bytesRead === bytesRead) socket.destroy()
  })
}
