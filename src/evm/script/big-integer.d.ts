/** The build puts a library's text here, to be run in the sandbox. */
declare module 'big-integer/BigInteger.min.js' {
  const text: string
  export default text
}
