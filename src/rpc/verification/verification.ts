import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'

import { creationOf } from '../calls-of-address.ts'
import type { Context } from '../method.ts'
import { addEtherscan } from './etherscan.ts'
import { Jobs } from './jobs.ts'
import { addSourcify } from './sourcify.ts'

/** Etherscan's and Sourcify's APIs, for tools that verify contracts and read what was verified. @param maxBytes of a body */
export function addVerification(app: Hono, context: Context, maxBytes: number): void {
  const { backend } = context
  const jobs = new Jobs(async (claim) => {
    const creation = await creationOf(context, claim.address).catch(() => undefined)
    return backend.verification.check(claim, creation?.initCode)
  })
  app.post(
    '*',
    bodyLimit({
      maxSize: maxBytes,
      onError: (refused) =>
        refused.json(
          { message: `request too large: this node takes ${maxBytes} bytes (--max-body)` },
          413,
        ),
    }),
  )
  const verification = { backend, context, jobs }
  addEtherscan(app, verification)
  addSourcify(app, verification)
}
