export { createNode } from './node/create-node.ts'
export type { HeddleNode } from './node/node.ts'
export type { NodeConfig, ServerConfig } from './node/config.ts'
export { type HeddleConfig, defineConfig } from './node/user-config.ts'
