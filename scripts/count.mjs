// Prints `N passed, N failed` from vitest's JSON report; a file that could not run counts as one.
import { readFileSync } from 'node:fs'

let passed = 0
let failed = 0
try {
  const report = JSON.parse(readFileSync(process.argv[2] ?? '.cache/tests.json', 'utf8'))
  passed = report.numPassedTests
  failed = report.numFailedTests
  for (const { status, assertionResults } of report.testResults) {
    const told = assertionResults.some((result) => result.status === 'failed')
    if (status === 'failed' && !told) failed += 1
  }
} catch {
  failed = 1
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
