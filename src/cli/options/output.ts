import { path } from '../option-readers.ts'
import { integer, oneOf, yesNo } from '../readers.ts'
import type { OutputSettings } from '../settings.ts'
import type { OptionSpecs } from './spec.ts'

/** What is printed and written. */
export const OUTPUT_OPTIONS: OptionSpecs<OutputSettings> = {
  disableConsoleLog: {
    group: 'Output:',
    flags: '--disable-console-log',
    aliases: ['no-console-log'],
    help: "leave contracts' console.log lines out",
    read: yesNo,
  },
  configOut: {
    group: 'Output:',
    flags: '--config-out <file>',
    help: 'write accounts, keys and settings to a JSON file',
    isPath: true,
    read: path,
  },
  quiet: {
    group: 'Output:',
    flags: '-q, --quiet',
    aliases: ['silent'],
    help: 'print nothing but errors (also --silent)',
    read: yesNo,
  },
  json: {
    group: 'Output:',
    flags: '--json',
    help: 'print one JSON object a line',
    read: yesNo,
  },
  color: {
    group: 'Output:',
    flags: '--color <when>',
    help: 'auto, always or never (default auto; NO_COLOR works too)',
    ...oneOf(['auto', 'always', 'never']),
  },
  printTraces: {
    group: 'Output:',
    flags: '--print-traces',
    aliases: ['enable-trace-printing'],
    help: 'print the calls of each transaction and eth_call as a tree',
    read: yesNo,
  },
  gasReport: {
    group: 'Output:',
    flags: '--gas-report',
    aliases: ['gas-stats'],
    help: 'print at the end what the calls of each function cost',
    read: yesNo,
  },
  verbosity: {
    group: 'Output:',
    flags: '-v, --verbosity',
    help: 'print every transaction of big blocks; -vvv: call trees of failures, -vvvv: of all',
    read: integer(0, 5),
  },
}
