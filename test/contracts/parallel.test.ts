import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkout, temporaryFolder } from '../support/checkout.ts'
import { type SpawnedNode, spawnCommand, spawnNode } from '../support/node.ts'
import { ensurePeers, peerBinary } from '../support/peers.ts'

const run = promisify(execFile)
const folder = temporaryFolder('parallel')
const project = join(folder.path, 'project')

const HEAD = '// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n'

const POT = `${HEAD}
contract Pot {
    uint256 public total;
    mapping(address => uint256) public paid;
    bool public open = true;
    function pay(uint256 value) external {
        require(open, "closed");
        paid[msg.sender] += value;
        total += value;
    }
    function payAlone(uint256 value) external {
        require(open, "closed");
        paid[msg.sender] += value;
    }
}
`

const TEST = `${HEAD}
import {Parallel} from "../src/Parallel.sol";
import {Pot} from "../src/Pot.sol";
contract PotTest {
    bool public constant IS_TEST = true;
    Pot pot;
    function setUp() public {
        Parallel.record();
        pot = new Pot();
    }
    function calls(bytes4 selector) internal view returns (Parallel.Tx[] memory txs) {
        txs = new Parallel.Tx[](4);
        for (uint256 i = 0; i < 4; i++) {
            bytes memory data = abi.encodeWithSelector(selector, i + 1);
            txs[i] = Parallel.Tx(address(uint160(0x1000 + i)), address(pot), 0, data);
        }
    }
    function testAlone() public {
        Parallel.assertParallel(calls(Pot.payAlone.selector), 4);
        Parallel.assertNoConflict(calls(Pot.payAlone.selector));
    }
    function testTogether() public {
        Parallel.assertParallel(calls(Pot.pay.selector), 2);
    }
    function testAllowed() public {
        string[] memory allow = new string[](1);
        allow[0] = "Pot.total";
        Parallel.assertNoConflict(calls(Pot.pay.selector), allow);
    }
}
`

const SCENARIO = `${HEAD}
import {Pot} from "./Pot.sol";
contract PotScenario {
    Pot pot;
    function setUp() external {
        pot = new Pot();
    }
    function tx(uint256 i) external view returns (address from, address to, uint256 value, bytes memory data) {
        require(i < 6);
        return (address(uint160(0x1000 + i)), address(pot), 0, abi.encodeCall(Pot.pay, (i + 1)));
    }
}
`

const env = {
  ...process.env,
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1',
}

async function forge(url: string, ...args: readonly string[]): Promise<string> {
  const options = { cwd: project, env: { ...env, HEDDLE_RPC_URL: url }, timeout: 200_000 }
  return run(peerBinary('forge'), args, options).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { readonly stdout: string }).stdout,
  )
}

let node: SpawnedNode
beforeAll(async () => {
  await ensurePeers()
  const files = {
    'foundry.toml': `[profile.default]\nsolc = "${join(checkout, 'scripts', 'solc')}"\noffline = true\n`,
    'src/Pot.sol': POT,
    'src/PotScenario.sol': SCENARIO,
    'test/Pot.t.sol': TEST,
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(project, name, '..'), { recursive: true })
    writeFileSync(join(project, name), text)
  }
  cpSync(
    join(checkout, 'contracts', 'heddle', 'Parallel.sol'),
    join(project, 'src', 'Parallel.sol'),
  )
  node = await spawnNode({ cwd: project })
}, 300_000)
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  folder.remove()
})

describe('Parallel.sol in a forge test', () => {
  it('asserts on contracts that only the test has, and fails with the line', async () => {
    const printed = await forge(node.url, 'test', '--json')
    const suites = JSON.parse(printed) as Record<
      string,
      { test_results: Record<string, { status: string; reason: string | null }> }
    >
    const results = suites['test/Pot.t.sol:PotTest']!.test_results
    expect(results).toMatchObject({
      'testAlone()': { status: 'Success' },
      'testAllowed()': { status: 'Success' },
      'testTogether()': { status: 'Failure' },
    })
    expect(results['testTogether()']!.reason).toBe(
      [
        '1.00 times faster on 4 cores, expected 2',
        'Pot.total: written at src/Pot.sol:11 by Pot.pay, read at src/Pot.sol:11 by Pot.pay',
      ].join('\n'),
    )
  })
})

describe('a scenario in Solidity', () => {
  it('is deployed, set up and checked; the layout that forge left out is compiled', async () => {
    await using checked = spawnCommand({
      flags: ['check', 'PotScenario', '--allow', 'none'],
      cwd: project,
    })
    const { code, stdout, stderr } = await checked.ended
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toContain('a bundle of 6 transactions')
    expect(stdout).toContain(
      'Pot.total  5 dependencies\n  written  src/Pot.sol:11  by Pot.pay (transaction 0)',
    )
  })

  it('on a node that was named leaves its chain as it was', async () => {
    const ask = async (method: string): Promise<unknown> => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(node.url, { method: 'POST', headers, body })
      return ((await answer.json()) as { readonly result: unknown }).result
    }
    const before = await ask('eth_blockNumber')
    const flags = ['check', 'PotScenario', '--allow', 'none', '--rpc-url', node.url]
    await using checked = spawnCommand({ flags, cwd: project })
    const { code, stdout } = await checked.ended
    expect(code).toBe(1)
    expect(stdout).toContain('Pot.total  5 dependencies')
    expect(await ask('eth_blockNumber')).toBe(before)
  })
})
