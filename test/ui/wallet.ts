/**
 * A wallet as a browser extension injects it (EIP-6963, EIP-1193): it knows no chain but its own at first, estimates gas and signs by
 * the node's unlocked accounts, and rejects while `window.wallet.rejects`. What it was asked is in `window.wallet.asked`; `window.wallet.tell(event, value)` is
 * what its user does in it.
 */
export const INJECTED_WALLET = `
  const chains = new Set(['0x1'])
  const listeners = []
  let chain = '0x1'
  window.wallet = {
    asked: [],
    rejects: false,
    tell(event, value) {
      if (event === 'chainChanged') chain = value
      for (const [name, hear] of listeners) if (name === event) hear(value)
    },
  }
  const fail = (code, message) => Promise.reject(Object.assign(new Error(message), { code }))
  const node = async (method, params) => {
    const answer = await fetch('/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = await answer.json()
    // As MetaMask passes it on.
    if (error) throw Object.assign(new Error('Internal JSON-RPC error.'), { code: -32603, data: error })
    return result
  }
  const provider = {
    on(event, hear) {
      listeners.push([event, hear])
    },
    request({ method, params = [] }) {
      window.wallet.asked.push({ method, params })
      if (method === 'eth_chainId') return Promise.resolve(chain)
      if (window.wallet.rejects) return fail(4001, 'User rejected the request.')
      if (method === 'eth_requestAccounts') return node('eth_accounts', []).then((all) => [all[5]])
      if (method === 'wallet_switchEthereumChain') {
        if (!chains.has(params[0].chainId)) return fail(4902, 'Unrecognized chain')
        window.wallet.tell('chainChanged', params[0].chainId)
        return Promise.resolve(null)
      }
      if (method === 'wallet_addEthereumChain') {
        chains.add(params[0].chainId)
        return Promise.resolve(null)
      }
      if (method === 'eth_sendTransaction') {
        return node('eth_estimateGas', params).then((gas) => node(method, [{ ...params[0], gas }]))
      }
      return fail(4200, 'not supported')
    },
  }
  const info = { uuid: '0d4c1ee8', name: 'Test Wallet', icon: 'data:,', rdns: 'test.wallet' }
  const announce = () => window.dispatchEvent(
    new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }),
  )
  window.addEventListener('eip6963:requestProvider', announce)
`
