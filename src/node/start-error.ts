/** The node's settings or files cannot make a chain. One line for the user. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
