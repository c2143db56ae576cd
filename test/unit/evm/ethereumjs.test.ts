import { loadEthereumjsEngine } from '../../../src/evm/load.ts'
import { engineContract } from '../../contract/engine.ts'

engineContract('the reference engine', await loadEthereumjsEngine())
