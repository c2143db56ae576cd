import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'

import { onStage } from './browser.ts'

onStage('the page’s policy', (stage) => {
  it('runs nothing that text of the chain could bring in, and asks nobody else', async () => {
    const page = await stage.open('/')
    await page.getByRole('region', { name: 'Newest blocks' }).waitFor()
    const expected = ['script-src-attr', 'script-src-elem', 'connect-src', 'form-action']
    const refused = (await page.evaluate(`(async () => {
      const refused = new Set()
      const isAll = () => ${JSON.stringify(expected)}.every((directive) => refused.has(directive))
      const all = new Promise((done) =>
        document.addEventListener('securitypolicyviolation', (event) => {
          refused.add(event.effectiveDirective)
          if (isAll()) done()
        }),
      )
      document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.hacked = 1">')
      const script = document.createElement('script')
      script.textContent = 'window.hacked = 2'
      document.body.append(script)
      await fetch('http://127.0.0.1:9/').catch(() => undefined)
      const form = document.createElement('form')
      form.action = 'http://127.0.0.1:9/'
      document.body.append(form)
      form.submit()
      await Promise.race([all, new Promise((done) => setTimeout(done, 60_000))])
      return [...refused]
    })()`)) as readonly string[]
    expect(refused).toEqual(expect.arrayContaining(expected))
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(new URL(page.url()).origin).toBe(stage.node.url)
  })

  it('is shown in nobody’s frame', async () => {
    const other = createServer((_, answer) => {
      answer.setHeader('content-type', 'text/html')
      answer.end(`<iframe src="${stage.node.url}/controls"></iframe>`)
    })
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    const { port } = other.address() as AddressInfo
    const page = await stage.open('/nowhere')
    await page.goto(`http://127.0.0.1:${port}/`)
    const [, framed] = page.frames()
    await framed!.waitForLoadState()
    expect(await framed!.locator('#root').count()).toBe(0)
    other.close()
  })

  it('is not given to a name that somebody else pointed here', async () => {
    const answer = (host: string) =>
      new Promise<{ readonly status: number | undefined; readonly text: string }>(
        (resolve, reject) => {
          const headers = { host, accept: 'text/html' }
          const asked = request(stage.node.url, { headers }, (incoming) => {
            let text = ''
            incoming.setEncoding('utf8').on('data', (part: string) => (text += part))
            incoming.on('end', () => resolve({ status: incoming.statusCode, text }))
          })
          asked.on('error', reject)
          asked.end()
        },
      )
    const strange = await answer(`rebound.example:${stage.node.port}`)
    expect(strange.status).toBe(403)
    expect(strange.text).not.toContain('id="root"')
    expect((await answer(`localhost:${stage.node.port}`)).text).toContain('id="root"')
  })
})
