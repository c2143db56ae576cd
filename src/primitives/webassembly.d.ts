/** What is used of WebAssembly: Node's types leave it to the DOM's, which the house does without. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: {
      readonly initial: number
      readonly maximum: number
      readonly shared: true
    })
    readonly buffer: ArrayBuffer
  }
  class Module {
    constructor(bytes: Uint8Array)
    readonly brand: unique symbol
  }
  type ModuleImports = Readonly<
    Record<string, Memory | ((...args: (number | bigint)[]) => unknown)>
  >
  type Imports = Readonly<Record<string, ModuleImports>>
  class Instance {
    constructor(module: Module, imports: Imports)
    readonly exports: object
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>
}
