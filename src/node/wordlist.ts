// Apart, so that the bundle's lazy chunk holds the list and not all of viem.
import { english } from 'viem/accounts'

/** BIP-39's 2,048 English words, in order. */
export const WORDS: readonly string[] = english
