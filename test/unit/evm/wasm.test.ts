import { loadWasmEngine } from '../../../src/evm/load.ts'
import { engineContract } from '../../contract/engine.ts'

engineContract('wasm', await loadWasmEngine())
