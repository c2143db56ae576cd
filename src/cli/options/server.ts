import { DEFAULT_IPC_PATH, DEFAULT_SERVER_CONFIG } from '../../node/defaults.ts'
import { hostName, path } from '../option-readers.ts'
import { integer, list, oneOf, optional, text, yesNo } from '../readers.ts'
import type { ServerSettings } from '../settings.ts'
import type { OptionSpecs } from './spec.ts'

const server = DEFAULT_SERVER_CONFIG

/** Where the node listens, to whom, and how much it takes at once. */
export const SERVER_OPTIONS: OptionSpecs<ServerSettings> = {
  port: {
    group: 'Server:',
    flags: '-p, --port <number>',
    aliases: ['http.port', 'ws.port'],
    help: `HTTP and WebSocket port, 0 for any free one (default ${server.port})`,
    read: integer(0, 65_535),
  },
  host: {
    group: 'Server:',
    flags: '--host <address>',
    aliases: ['hostname', 'http.addr', 'ws.addr'],
    help: `address to listen on (default ${server.host})`,
    read: hostName,
  },
  allowOrigin: {
    group: 'Server:',
    flags: '--allow-origin <origin>',
    aliases: ['http.corsdomain', 'ws.origins'],
    help: 'web pages that may call (default *)',
    read: text('an origin such as http://localhost:3000, or *', /^\S+$/),
  },
  noCors: {
    group: 'Server:',
    flags: '--no-cors',
    help: 'send no CORS headers',
    read: yesNo,
  },
  noUi: {
    group: 'Server:',
    flags: '--no-ui',
    help: 'give browsers no page',
    read: yesNo,
  },
  allowedHosts: {
    group: 'Server:',
    flags: '--allowed-hosts <names>',
    aliases: ['http.vhosts'],
    help: 'host names, with commas, by which the node may be called besides localhost and IPs',
    read: list('host names such as devnet.local', /^[^\s,/]+$/),
  },
  noRequestSizeLimit: {
    group: 'Server:',
    flags: '--no-request-size-limit',
    help: 'take request bodies of any size (else 2 MiB)',
    read: yesNo,
  },
  maxBody: {
    group: 'Server:',
    flags: '--max-body <MiB>',
    help: 'most that a request may be long (default 2)',
    read: integer(1, 512),
  },
  maxBatch: {
    group: 'Server:',
    flags: '--max-batch <requests>',
    help: `most requests in one batch (default ${server.maxBatch})`,
    read: integer(1, 1_000_000),
  },
  compression: {
    group: 'Server:',
    flags: '--compression <when>',
    help: 'answers as gzip to who takes it: auto (other machines), always or never (default auto)',
    ...oneOf(['auto', 'always', 'never']),
  },
  compat: {
    group: 'Server:',
    flags: '--compat <name>',
    help: 'anvil or hardhat: whose answers shared names such as evm_mine have (default anvil)',
    ...oneOf(['anvil', 'hardhat']),
  },
  ipc: {
    group: 'Server:',
    flags: '--ipc [path]',
    aliases: ['ipcpath'],
    help: `also listen on a local socket (${DEFAULT_IPC_PATH} unless said otherwise)`,
    isPath: true,
    read: optional(path, DEFAULT_IPC_PATH),
  },
}
