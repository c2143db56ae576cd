/**
 * What another thread needs of the store: to hash a subtrie in the memory that they share. Its own data lie below the store's, so that one
 * other thread at a time may be there.
 */
export { hashCount } from './encode'
export { seal } from './seal'

/** Where its own data end. */
export function end(): usize {
  return __heap_base
}
