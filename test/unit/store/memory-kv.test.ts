import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { kvContract } from '../../contract/kv.ts'

kvContract('memory-kv', async () => createMemoryKv())
