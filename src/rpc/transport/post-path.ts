/** Paths of the verification APIs that take POSTs: Etherscan's, and Sourcify's with `/server` before it or not. */
const ETHERSCAN = /^\/(?:v2\/)?api\/?(?:\?|$)/
const SOURCIFY = /^\/(?:server\/)?(?:verify|v2\/verify\/[^/?]+\/[^/?]+)\/?(?:\?|$)/

/** Whether a POST to this target may be something else than JSON-RPC. */
export function mayBeVerification(target: string): boolean {
  return ETHERSCAN.test(target) || SOURCIFY.test(target)
}

/** Whether it is: at Etherscan's path, JSON is JSON-RPC still. */
export function isVerification(target: string, contentType: string | undefined): boolean {
  if (SOURCIFY.test(target)) return true
  return (
    ETHERSCAN.test(target) &&
    /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(contentType ?? '')
  )
}
